import { fs, log, task } from 'evenkeel';

task('files')
  .command(async () => {
    await fs.write('out/web/deployment.yaml', 'kind: Deployment\n');
    await fs.append('out/notes.txt', 'written by a script\n');
    for (const file of await fs.list('out', { match: '**/*.yaml' })) log.info(`${file.path}: ${file.size} bytes`);
    const text = await fs.readText('out/web/deployment.yaml');
    await fs.copy('out', 'backup', { overwrite: true });
    await fs.remove('out', { recursive: true });
    return { text, kept: await fs.exists('backup/web/deployment.yaml') };
  })
  .build();
