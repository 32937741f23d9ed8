import { exec, log, task } from 'evenkeel';

task('build')
  .command(async () => {
    // A list is a program and its arguments: nothing in them is read by a shell.
    const { stdout } = await exec.run(['printf', '%s', 'web; v2']);
    // A text is a command for the shell.
    await exec.run('echo "building $NAME" && sleep 0.1', { env: { NAME: stdout }, timeout: '1m', stream: true });
    const check = await exec.run('test -e Dockerfile', { allowFailure: true });
    log.info(check.success ? 'there is a Dockerfile' : 'there is none', { status: check.exitCode });
    return { tar: await exec.which('tar') };
  })
  .build();
