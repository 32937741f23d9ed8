import { fs, task, values } from 'evenkeel';

// evenkeel run values.ts --param replicas=5 lays {replicas: "5"} over the files
task('render')
  .command(async () => {
    await fs.write('values/base.yaml', 'image: {name: web, tag: v1}\nhosts: [web.example.com]\ndebug: true\n');
    await fs.write('values/production.yaml', 'image: {tag: v2}\ndebug: null\n');
    const merged = await values.load(['values/base.yaml', 'values/production.yaml']);
    return {
      tag: values.get(merged, 'image.tag'),
      host: values.get(merged, 'hosts[0]'),
      debug: values.get(merged, 'debug', false),
      params: values.params(),
    };
  })
  .build();
