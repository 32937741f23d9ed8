import { data, task } from 'evenkeel';

task('convert')
  .command(() => {
    const values = data.parseYaml('enabled: yes\nports: [80, 443]\n') as { enabled: boolean; ports: number[] };
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token' }, data: { token: data.encodeBase64('secret') } };
    return {
      json: data.toJson(values),
      yaml: data.toYamlDocuments([{ ...values, ports: values.ports.map(String) }, secret]),
      hash: data.hash('web:v2'),
    };
  })
  .build();
