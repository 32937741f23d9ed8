import { task, template } from 'evenkeel';

const ingress = `hosts:
{%- for host in hosts %}
- {{ host | quote }}
{%- endfor %}
{%- if tls %}
tls: {{ tls.secret | default("web-tls") }}
{%- endif %}
`;

task('render')
  .command(() => template.render(ingress, { hosts: ['web.example.com', 'www.example.com'], tls: { issuer: 'letsencrypt' } }))
  .build();
