import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliLab, firstLine, makeCliLab } from './support/cli.js';

let lab: CliLab;
beforeAll(() => {
  lab = makeCliLab();
  const write = (name: string, text: string) => writeFileSync(join(lab.folder, name), text);
  write(
    'release.ts',
    `import { log, task, workflow } from 'evenkeel';
const build = task('build').description('Builds the image').command('echo image:1.2').build();
const staging = task('staging')
  .dependsOn(build)
  .params({ region: 'eu', down: false, token: { type: 'string', secret: true } })
  .command(async (params, deps) => {
    log.info(\`deploying \${deps.build} to \${params.region}\`);
    console.log('from the console');
    console.error(\`with \${params.token}\`);
    if (params.down) throw new TypeError('staging is down');
    return { success: true, message: 'healthy', output: { url: 'https://staging.example', token: params.token } };
  })
  .build();
const production = task('production').dependsOn(staging).command((_, deps) => deps.staging.url).build();
workflow.define('release', { description: 'A release', version: '1.0', tasks: [build, staging, production], onComplete: (ok) => log.info('all ' + ok) });
`,
  );
  write('broken.ts', "import { task } from 'evenkeel';\nconst x: = 1;\n");
  write('circle.ts', "import { task } from 'evenkeel';\ntask('a').dependsOn('b').build();\ntask('b').dependsOn('a', 'c').build();\n");
  write('side.ts', "import { exec, task } from 'evenkeel';\nawait exec.run('touch side-effect');\ntask('x').build();\n");
  write(
    'ask.ts',
    "import { prompt, task } from 'evenkeel';\ntask('gate').command(async () => ({ success: await prompt.confirm('Deploy?') })).build();\n",
  );
  write(
    'long.ts',
    "import { task } from 'evenkeel';\ntask('long').command('echo $$ > pid; echo started; sleep 300').build();\ntask('after').dependsOn('long').build();\n",
  );
  write(
    'stray.ts',
    "import { task } from 'evenkeel';\nsetInterval(() => {}, 1000);\ntask('a').command(() => { Promise.reject(new Error('floating')); }).build();\n",
  );
  write(
    'two.ts',
    "import { task, workflow } from 'evenkeel';\nworkflow.define('one', { tasks: [task('a').command('true').build()] });\ntask('alone').command('true').build();\n",
  );
});
afterAll(() => lab.close());

interface Report {
  run_id: string;
  status: string;
  tasks: { name: string; state: string; output?: unknown; error?: { code: string; where: object } }[];
}

describe('evenkeel run', () => {
  test('runs a pipeline, prints lines without a terminal, and keeps the run', async () => {
    const { status, stdout } = await lab.run(['run', 'release.ts', '--param', 'region=us', '--param', 'token=s3cret-t0ken']);
    expect(status).toBe(0);
    for (const line of [
      '▶ build',
      '  build │ image:1.2',
      '  staging │ deploying image:1.2 to us',
      '  staging │ from the console',
      'all true',
    ])
      expect(stdout.split('\n')).toContain(line);
    expect(stdout).toContain('  staging │ with •••');
    expect(stdout).toMatch(/✓ staging \S+ healthy/);
    expect(stdout).toMatch(/Succeeded 3 tasks: 3 succeeded in/);
    expect(stdout).not.toContain('s3cret-t0ken');
    const [run] = (await lab.run(['runs', '-o', 'json'])).json<Report[]>();
    const shown = await lab.run(['runs', String(run?.run_id), '--logs']);
    expect(shown.stdout).toContain('staging │ deploying image:1.2 to us');
    expect(shown.stdout + readFileSync(join(lab.folder, '.evenkeel/state.db'), 'latin1')).not.toContain('s3cret-t0ken');
  });

  test('is one document of JSON, with progress on standard error and no secret in either', async () => {
    const { status, stdout, stderr, json } = await lab.run(['run', 'release.ts', '-o', 'json', '--param', 'token=s3cret-t0ken']);
    expect(status).toBe(0);
    const report = json<Report>();
    expect(report).toMatchObject({ pipeline: 'release', status: 'succeeded' });
    expect(report.tasks.map((task) => [task.name, task.state, task.output])).toEqual([
      ['build', 'succeeded', 'image:1.2'],
      ['staging', 'succeeded', { url: 'https://staging.example', token: '•••' }],
      ['production', 'succeeded', 'https://staging.example'],
    ]);
    expect(stderr).toContain('from the console');
    expect(stdout + stderr).not.toContain('s3cret-t0ken');
  });

  test('that fails says where, and goes on from there', async () => {
    const failed = await lab.run(['run', 'release.ts', '--param', 'down=true']);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/✗ staging \S+ TypeError: staging is down \[TASK_FAILED\]\n {4}at .*release\.ts:10:28/);
    expect(failed.stdout).toContain('⊘ production not run: staging did not succeed');
    const resumed = await lab.run(['run', 'release.ts', '--resume', '--param', 'down=false', '-o', 'json']);
    expect(resumed.status).toBe(0);
    expect(resumed.json<Report>().tasks.map((task) => task.state)).toEqual(['kept', 'succeeded', 'succeeded']);
    const again = await lab.run(['run', 'release.ts', '--resume']);
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('the last run succeeded')]);
  });

  test('runs some of the tasks: targets, from, only', async () => {
    const states = async (...args: string[]) =>
      (await lab.run(['run', 'release.ts', '-o', 'json', ...args])).json<Report>().tasks.map((task) => task.name);
    expect(await states('staging')).toEqual(['build', 'staging']);
    expect(await states('--only', 'build')).toEqual(['build']);
  });

  test('takes values from files, and from the command line before them', async () => {
    writeFileSync(join(lab.folder, 'values.yaml'), 'region: asia\ndown: false\n');
    const { stdout } = await lab.run(['run', 'release.ts', 'staging', '--values', 'values.yaml']);
    expect(stdout).toContain('deploying image:1.2 to asia');
    writeFileSync(join(lab.folder, 'odd.yaml'), 'region: [\n');
    const odd = await lab.run(['run', 'release.ts', '--values', 'odd.yaml']);
    expect([odd.status, odd.stderr]).toEqual([1, expect.stringContaining('odd.yaml:')]);
  });

  test('shows the order without running anything', async () => {
    const { stdout, status } = await lab.run(['run', 'release.ts', 'staging', '--dry-run']);
    expect(status).toBe(0);
    expect(stdout).toContain('release would run 2 of 3 tasks');
    expect(stdout).toContain('Order: build, staging');
    expect(stdout).not.toContain('image:1.2');
  });

  test('ends all that runs when it is interrupted', async () => {
    const child = lab.start(['run', 'long.ts']);
    let out = '';
    await new Promise<void>((resolve) => {
      child.stdout?.on('data', (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes('started')) resolve();
      });
    });
    const pid = Number(readFileSync(join(lab.folder, 'pid'), 'utf8'));
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(out).toMatch(/■ long \S+ interrupted/);
    expect(out).toContain('Cancelled 2 tasks: 2 cancelled');
    const state = existsSync(`/proc/${pid}/status`) ? /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] : 'gone';
    expect(['gone', 'Z']).toContain(state);
  });

  test('that was killed is seen as interrupted, and is gone on from', async () => {
    writeFileSync(
      join(lab.folder, 'killed.ts'),
      `import { task } from 'evenkeel';
task('first').command(() => ({ number: Math.random() })).build();
task('second').dependsOn('first').command('echo $$ > pid; test -e go-on || sleep 300').build();
`,
    );
    const child = lab.start(['run', 'killed.ts']);
    const lastRun = async () => (await lab.run(['runs', '--limit', '1', '-o', 'json'])).json<Report[]>()[0];
    const kept = async () => {
      const run = await lastRun();
      return (await lab.run(['runs', String(run?.run_id), '-o', 'json'])).json<Report & { pipeline: string }>();
    };
    await firstLine(child);
    for (let shown = await kept(); shown.pipeline !== 'killed' || shown.tasks[0]?.state !== 'succeeded'; shown = await kept());
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    process.kill(-Number(readFileSync(join(lab.folder, 'pid'), 'utf8')), 'SIGKILL');
    expect(await lastRun()).toMatchObject({ pipeline: 'killed', status: 'interrupted' });
    writeFileSync(join(lab.folder, 'go-on'), '');
    const resumed = (await lab.run(['run', 'killed.ts', '--resume', '-o', 'json'])).json<Report>();
    expect(resumed.tasks.map((task) => [task.name, task.state])).toEqual([
      ['first', 'kept'],
      ['second', 'succeeded'],
    ]);
    expect(resumed.tasks[0]?.output).toEqual({ number: expect.any(Number) });
  });

  test('answers the questions of a script, or says how', async () => {
    const asked = await lab.run(['run', 'ask.ts']);
    expect(asked.status).toBe(1);
    expect(asked.stdout).toContain('the script asks: Deploy? (y/n), and nobody can be asked without a terminal [PROMPT_UNANSWERED]');
    expect(asked.stdout).toContain('--answer TEXT');
    const answered = await Promise.all(
      [['--answer', 'y'], ['--answer', 'no'], ['--yes']].map((args) => lab.run(['run', 'ask.ts', ...args])),
    );
    expect(answered.map((one) => one.status)).toEqual([0, 1, 0]);
  });

  test('ends although a script leaves a timer, and tells of errors that nothing waits for', async () => {
    writeFileSync(join(lab.folder, 'timer.ts'), "setInterval(() => {}, 1000);\nthrow new Error('too early');\n");
    const [{ status, stdout }, list, failing] = await Promise.all([
      lab.run(['run', 'stray.ts']),
      lab.run(['list', 'stray.ts']),
      lab.run(['run', 'timer.ts']),
    ]);
    expect([status, list.status, failing.status]).toEqual([1, 0, 1]);
    expect(failing.stderr).toContain('too early');
    expect(stdout).toMatch(/! an error was thrown that nothing waits for: floating \[TASK_FAILED\]\n {4}at .*stray\.ts:3:/);
    expect(stdout).toContain('Failed 1 task: 1 succeeded');
    expect((await lab.run(['runs', '--limit', '1'])).stdout).toMatch(/stray\s+failed/);
  });

  test('a script cannot end the process, nor let a secret out by failing', async () => {
    writeFileSync(
      join(lab.folder, 'exit.ts'),
      "import { task } from 'evenkeel';\ntask('a').command(() => { process.exit(0); }).build();\n",
    );
    writeFileSync(join(lab.folder, 'leak.ts'), "throw new Error('token is ' + process.env.API_TOKEN);\n");
    const [exits, leaks] = await Promise.all([
      lab.run(['run', 'exit.ts']),
      lab.run(['run', 'leak.ts', '-o', 'json'], { env: { API_TOKEN: 's3cret-t0ken' } }),
    ]);
    expect([exits.status, exits.stdout]).toEqual([1, expect.stringMatching(/process\.exit\(0\) \[TASK_FAILED\]\n {4}at .*exit\.ts:2:/)]);
    expect([leaks.status, leaks.json()]).toMatchObject([
      1,
      { error: { code: 'SCRIPT_FAILED', message: 'the script failed: token is •••' } },
    ]);
    expect(leaks.stderr).not.toContain('s3cret-t0ken');
  });

  test('goes on to its end when nobody reads what it prints any more', async () => {
    writeFileSync(
      join(lab.folder, 'unread.ts'),
      "import { task } from 'evenkeel';\ntask('a').command('for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done').build();\ntask('b').dependsOn('a').command('touch unread-done').build();\n",
    );
    const child = lab.start(['run', 'unread.ts']);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await firstLine(child);
    child.stdout?.destroy();
    expect(await ended).toBe(0);
    expect(readdirSync(lab.folder)).toContain('unread-done');
  });

  test('asks which pipeline where that is open', async () => {
    const { status, stderr } = await lab.run(['run', 'two.ts']);
    expect([status, stderr]).toEqual([64, expect.stringContaining('which pipeline? The script has one, two')]);
    expect((await lab.run(['run', 'two.ts', 'alone', '-o', 'json'])).json()).toMatchObject({ pipeline: 'two', status: 'succeeded' });
    expect((await lab.run(['run', 'two.ts', '--pipeline', 'one', '-o', 'json'])).json()).toMatchObject({ pipeline: 'one' });
  });

  test('refuses what does not fit, and says what would', async () => {
    const cases: [string[], number, RegExp][] = [
      [['broken.ts'], 1, /Unexpected "=" \[SCRIPT_SYNTAX\]\n {2}at .*broken\.ts:2:10/],
      [['releas.ts'], 1, /there is no such script \[SCRIPT_NOT_FOUND\][\s\S]*Did you mean .*release\.ts\?/],
      [['release.ts', 'prodction'], 1, /there is no task "prodction" \[TASK_UNKNOWN\]\n {2}→ Did you mean "production"\?/],
      [['release.ts', '--param', 'regoin=x'], 1, /Did you mean "region"\?/],
      [['release.ts', '--param', 'region'], 1, /"region" is not name=value/],
      [['release.ts', 'build', '--from', 'build'], 64, /give one of a TASK and --from/],
      [['release.ts', '--max-parallel', 'x'], 64, /--max-parallel takes a whole number/],
      [['release.ts', '--resume', 'run-x'], 1, /there is no run "run-x"/],
      [[], 64, /missing required argument 'file'/],
    ];
    const results = await Promise.all(cases.map(([args]) => lab.run(['run', ...args])));
    for (const [i, [args, status, message]] of cases.entries()) {
      expect(results[i]?.stderr).toMatch(message);
      expect([args, results[i]?.status]).toEqual([args, status]);
    }
  });
});

describe('looking at a script', () => {
  test('list, graph and validate', async () => {
    const [list, graph, mermaid, dot, valid] = await Promise.all([
      lab.run(['list', 'release.ts']),
      lab.run(['graph', 'release.ts']),
      lab.run(['graph', 'release.ts', '-o', 'mermaid']),
      lab.run(['graph', 'release.ts', '-o', 'dot']),
      lab.run(['validate', 'release.ts']),
    ]);
    expect(list.stdout).toContain('release 1.0  A release');
    expect(list.stdout).toMatch(/region\s+string\s+default "eu"/);
    expect(graph.stdout).toContain('Step 2\n  staging     after build');
    expect(mermaid.stdout).toContain('flowchart TD');
    expect(dot.stdout).toContain('"build" -> "staging";');
    expect(valid.stdout).toContain('✓ release: 3 tasks');
    expect((await lab.run(['list', 'release.ts', '-o', 'json'])).json()).toMatchObject([
      { name: 'release', tasks: [{ name: 'build', command: 'echo image:1.2' }, {}, {}] },
    ]);
  });

  test('tells all that is wrong', async () => {
    const { status, json } = await lab.run(['validate', 'circle.ts', '-o', 'json']);
    expect(status).toBe(1);
    expect(json<{ problems: { code: string; where: { line: number } }[] }>().problems.map((one) => [one.code, one.where.line])).toEqual([
      ['TASK_UNKNOWN', 3],
      ['TASK_CYCLE', 2],
    ]);
  });

  test('does nothing that its top level asks for', async () => {
    const { status, stderr } = await lab.run(['list', 'side.ts']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/the script calls exec\.run outside of its tasks.* \[SCRIPT_TOP_LEVEL\]\n {2}at .*side\.ts:2:/);
    expect(readdirSync(lab.folder)).not.toContain('side-effect');
    expect((await lab.run(['run', 'side.ts'])).status).toBe(0);
    expect(readdirSync(lab.folder)).toContain('side-effect');
  });
});
