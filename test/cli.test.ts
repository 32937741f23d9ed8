import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CliLab, firstLine, makeCliLab } from './support/cli.js';
import { configMap, deployment } from './support/lab.js';

let lab: CliLab;

beforeEach(() => {
  lab = makeCliLab();
});

afterEach(() => lab.close());

const oneOff = (...more: string[]) => ['--repo', lab.repository.path, '--path', 'k8s', ...more];

describe('evenkeel sync and diff without a file', () => {
  it('previews, applies, and then finds nothing to do', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web'), 'k8s/config.yaml': configMap('settings', { a: '1' }) }, 'Begin');
    const before = await lab.run(['diff', ...oneOff(), '--exit-code']);
    expect(before).toMatchObject({ status: 2, stderr: '' });
    expect(before.stdout).toContain('+ Creating Deployment/web with 1 replica  in default  medium impact');
    expect(before.stdout.trimEnd().split('\n').at(-1)).toBe('2 to create');

    const sync = await lab.run(['sync', ...oneOff()]);
    expect(sync.status).toBe(0);
    expect(sync.stdout).toMatch(
      /Revision [0-9a-f]{12} Begin \(Test <test@example.com>\)\nPlan 2 to create\n {2}\+ ConfigMap\/settings in default created\n {2}\+ Deployment\/web in default created\n/,
    );
    expect(sync.stdout).toContain('✓ Deployment/web in default healthy');

    const after = await lab.run(['diff', ...oneOff(), '--exit-code']);
    expect(after).toMatchObject({ status: 0, stdout: '2 unchanged\n', stderr: '' });
    const again = await lab.run(['sync', ...oneOff(), '-o', 'json']);
    expect(again.json()).toMatchObject({ status: 'succeeded', success: true, metrics: { resources_applied: 0, resources_skipped: 2 } });
    expect(again.stderr).not.toBe('');
  });

  it('prints the contract as one JSON document', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { replicas: 3 }) });
    const diff = (await lab.run(['diff', ...oneOff(), '-o', 'json'])).json<{ changes: object[] }>();
    expect(diff).toMatchObject({
      workflow_id: expect.stringMatching(/^k8s-/),
      generated_at: expect.any(String),
      summary: { total_changes: 1, created_resources: 1, updated_resources: 0, deleted_resources: 0, conflict_count: 0, warning_count: 0 },
      changes: [
        {
          type: 'create',
          resource: 'Deployment/web',
          namespace: 'default',
          diff: '+ Creating Deployment/web with 3 replicas',
          impact: 'medium',
          desired_state: { spec: { replicas: 3 } },
        },
      ],
      conflicts: [],
      warnings: [],
    });
  });

  it('prints the same twice, in the same order', async () => {
    const files = Object.fromEntries(
      ['c', 'a', 'b'].flatMap((n) => [
        [`k8s/${n}.yaml`, configMap(n, { x: n })],
        [`k8s/sub/${n}.yaml`, deployment(n)],
      ]),
    );
    lab.repository.commit(files);
    const first = await lab.run(['diff', ...oneOff(), '--full']);
    const second = await lab.run(['diff', ...oneOff(), '--full']);
    expect(first.stdout).toBe(second.stdout);
    expect(first.stdout.match(/^\+ Creating \S+/gm)).toEqual(
      ['ConfigMap/a', 'ConfigMap/b', 'ConfigMap/c', 'Deployment/a', 'Deployment/b', 'Deployment/c'].map((r) => `+ Creating ${r}`),
    );
  });

  it('forgets what it only looked at, and what it is told to forget', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    await lab.run(['diff', ...oneOff()]);
    expect((await lab.run(['status', '-o', 'json'])).json()).toEqual([]);
    const { workflow_id: id } = (await lab.run(['sync', ...oneOff(), '-o', 'json'])).json<{ workflow_id: string }>();
    await lab.run(['diff', ...oneOff()]);
    expect((await lab.run(['status', '-o', 'json'])).json()).toMatchObject([{ id }]);
    expect((await lab.run(['forget', id])).status).toBe(0);
    expect((await lab.run(['forget', id])).stderr).toContain('[WORKFLOW_NOT_FOUND]');
    expect((await lab.run(['history', id, '-o', 'json'])).json()).toHaveLength(1);
    expect((await lab.run(['history', 'nobody'])).stderr).toContain('[WORKFLOW_NOT_FOUND]');
    expect((await lab.run(['sync', ...oneOff()])).stdout).toContain('1 unchanged');
  });

  it('remembers no source that was never read', async () => {
    expect((await lab.run(['sync', '--repo', join(lab.folder, 'nothere')])).status).toBe(1);
    expect((await lab.run(['sync', ...oneOff('--branch', 'nothere')])).status).toBe(1);
    expect((await lab.run(['status', '-o', 'json'])).json()).toEqual([]);
  });

  it('is one workflow whatever branch, tag or commit it is at', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    lab.repository.git('tag', 'v1');
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '2' }) });
    expect((await lab.run(['sync', ...oneOff()])).status).toBe(0);
    const back = await lab.run(['sync', ...oneOff('--tag', 'v1')]);
    expect(back).toMatchObject({ status: 0 });
    expect(back.stdout).toContain('~ ConfigMap/a in default updated');
    expect((await lab.run(['status', '-o', 'json'])).json()).toHaveLength(1);
  });

  it('says what left Git and was not deleted', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }), 'k8s/b.yaml': configMap('b', { x: '1' }) });
    const { workflow_id: id } = (await lab.run(['sync', ...oneOff(), '-o', 'json'])).json<{ workflow_id: string }>();
    lab.repository.commit({ 'k8s/b.yaml': undefined });
    await lab.run(['sync', ...oneOff()]);
    const status = await lab.run(['status', id, '--exit-code']);
    expect(status.status).toBe(2);
    expect(status.stdout).toMatch(/ConfigMap\/b +left-over/);
    await lab.run(['sync', ...oneOff('--prune')]);
    expect((await lab.run(['status', id, '--exit-code'])).stdout).not.toContain('ConfigMap/b');
  });

  it('follows branches, tags and commits', async () => {
    const first = lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'first' }) });
    lab.repository.git('tag', '-a', 'v1', '-m', 'v1');
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'second' }) });
    lab.repository.git('branch', 'next');
    for (const [flag, value, expected] of [
      ['--tag', 'v1', 'first'],
      ['--branch', 'next', 'second'],
      ['--commit', first, 'first'],
    ] as const) {
      const { changes } = (await lab.run(['diff', ...oneOff(flag, value), '-o', 'json'])).json<{
        changes: { desired_state: { data: object } }[];
      }>();
      expect(changes[0]?.desired_state.data).toEqual({ x: expected });
    }
  });
});

describe('evenkeel.yaml', () => {
  const write = (text: string) => writeFileSync(join(lab.folder, 'evenkeel.yaml'), text);

  it('names workflows, and is found from folders below', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    write('repositories:\n- {id: main, url: ./repository}\nworkflows:\n- {id: shop, repository: main, target_path: k8s}\n');
    mkdirSync(join(lab.folder, 'deep/er'), { recursive: true });
    expect(await lab.run(['sync'])).toMatchObject({ status: 0 });
    expect((await lab.run(['status'])).stdout).toMatch(/^shop\s+synced/m);
    const one = (await lab.run(['status', 'shop', '-o', 'json'])).json();
    expect(one).toMatchObject({ id: 'shop', status: 'synced', resources: [{ key: { kind: 'ConfigMap', name: 'a' }, sync: 'synced' }] });
    const history = (await lab.run(['history', '-o', 'json'])).json<{ id: string }[]>();
    expect(history).toHaveLength(1);
    const shown = await lab.run(['history', '--show', history[0]?.id ?? '']);
    expect(shown.stdout).toMatch(/created\s+ConfigMap\/a in default/);
  });

  it('says which option is misspelt, where, and what was probably meant', async () => {
    write(
      'repositories:\n- id: main\n  url: ./repository\nworkflows:\n- id: shop\n  repository: main\n  sync_policy:\n    auto_prun: true\n',
    );
    const result = await lab.run(['sync']);
    expect(result.status).toBe(1);
    expect(result.stderr).toContain('unknown option "auto_prun" [OPTION_UNKNOWN]');
    expect(result.stderr).toMatch(/evenkeel\.yaml:8:5/);
    expect(result.stderr).toContain('Did you mean "auto_prune"?');
  });

  it('is written by init and refuses to be overwritten', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    expect(await lab.run(['init', '--repo', './repository', '--path', 'k8s', '--branch', 'main'])).toMatchObject({ status: 0 });
    expect((await lab.run(['diff'])).stdout).toContain('1 to create');
    expect(await lab.run(['init'])).toMatchObject({ status: 1, stderr: expect.stringContaining('CONFIG_EXISTS') });
  });
});

describe('usage', () => {
  it('is wrong with 64, and says what was meant', async () => {
    expect(await lab.run(['snyc'])).toMatchObject({ status: 64, stderr: expect.stringContaining('Did you mean sync?') });
    expect(await lab.run(['sync', '--prnue'])).toMatchObject({ status: 64, stderr: expect.stringContaining('--prune') });
    expect(await lab.run(['sync'])).toMatchObject({ status: 64, stderr: expect.stringContaining('there is no workflow here') });
    expect(await lab.run(['sync', '--path', 'x'])).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('--path goes with --repo'),
    });
    expect(await lab.run(['sync', '-o', 'xml'])).toMatchObject({ status: 64 });
  });

  it('is explained: every command has help, a summary and a completion', async () => {
    const help = (await lab.run(['--help'])).stdout;
    for (const name of [
      'init',
      'render',
      'health',
      'diff',
      'sync',
      'status',
      'history',
      'rollback',
      'resume',
      'sandbox',
      'demo',
      'doctor',
      'completion',
    ]) {
      expect(help).toContain(name);
      expect((await lab.run([name, '--help'])).stdout).toContain('Usage: evenkeel');
    }
    for (const shell of ['bash', 'zsh', 'fish']) expect((await lab.run(['completion', shell])).stdout).toContain('take-back');
    const script = (await lab.run(['completion', 'bash'])).stdout;
    const offered = execFileSync('bash', ['-c', `${script}\nCOMP_WORDS=(evenkeel st); COMP_CWORD=1; _evenkeel; echo "\${COMPREPLY[@]}"`], {
      encoding: 'utf8',
    });
    expect(offered.trim()).toBe('status');
  });

  it('gives errors of the command line itself as JSON too', async () => {
    const wrong = await lab.run(['diff', '--brnach', 'x', '-o', 'json']);
    expect(wrong.status).toBe(64);
    expect(wrong.json()).toMatchObject({ error: { code: 'USAGE', message: "unknown option '--brnach'", hint: 'Did you mean --branch?' } });
    expect((await lab.run(['nonsense'])).stdout).toBe('');
  });

  it('gives errors as JSON where JSON was asked for', async () => {
    const result = await lab.run(['status', 'nothing', '-o', 'json']);
    expect(result.status).toBe(1);
    expect(result.json()).toMatchObject({ error: { code: 'WORKFLOW_NOT_FOUND' } });
  });
});

describe('evenkeel render and health', () => {
  it('print what a folder holds, without a cluster or a state', async () => {
    lab.repository.commit({
      'k8s/web.yaml': deployment('web'),
      'k8s/config.json': JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { n: 'yes' } }),
    });
    const yaml = await lab.run(['render', 'repository/k8s']);
    expect(yaml.status).toBe(0);
    expect(yaml.stdout).toContain('"n": "yes"');
    expect((await lab.run(['render', 'repository/k8s', '-o', 'json'])).json<unknown[]>()).toHaveLength(2);
    expect(existsSync(join(lab.folder, '.evenkeel'))).toBe(false);
    expect(await lab.run(['render', 'nowhere'])).toMatchObject({ status: 1, stderr: expect.stringContaining('MANIFEST_PATH_NOT_FOUND') });
  });

  it('read YAML, JSON and JSON lines from standard input', async () => {
    const pod = (name: string, phase: string) =>
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'n' },
        spec: { restartPolicy: 'Always' },
        status: { phase },
      });
    const lines = await lab.run(['health', '-f', '-', '-o', 'json'], { input: `${pod('a', 'Pending')}\n${pod('b', 'Failed')}\n` });
    expect(
      lines.stdout
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l) as object),
    ).toEqual([
      expect.objectContaining({ group: '', kind: 'Pod', namespace: 'n', name: 'a', status: 'Progressing' }),
      expect.objectContaining({ group: '', kind: 'Pod', namespace: 'n', name: 'b', status: 'Degraded' }),
    ]);
    const yaml = await lab.run(['health', '-f', '-', '-o', 'json', '--exit-code'], { input: configMap('x', { a: '1' }) });
    expect(yaml).toMatchObject({ status: 0 });
    expect(JSON.parse(yaml.stdout)).toMatchObject({ kind: 'ConfigMap', status: null });
  });
});

describe('evenkeel sandbox', () => {
  it('is shared by other commands while it is served, and keeps what is in it', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    const server = lab.start(['sandbox', '--port', '0', '-o', 'json']);
    const facts = JSON.parse(await firstLine(server)) as { url: string; kubeconfig: string };
    expect(facts.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(await lab.run(['sync', ...oneOff()])).toMatchObject({ status: 0 });
    expect(await lab.run(['sandbox'])).toMatchObject({ status: 1, stderr: expect.stringContaining('SANDBOX_BUSY') });
    const ended = new Promise((done) => server.once('exit', done));
    server.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(existsSync(join(lab.folder, '.evenkeel/sandbox.json'))).toBe(false);
    expect((await lab.run(['diff', ...oneOff()])).stdout).toBe('1 unchanged\n');
    expect(readFileSync(facts.kubeconfig, 'utf8')).toContain('certificate-authority-data');
  });
});

describe('Ctrl-C', () => {
  it('stops a sync cleanly, says what was done, and leaves no lock', async () => {
    lab.repository.commit({ 'k8s/web.yaml': deployment('web', { image: 'nginx:missing' }) });
    const sync = lab.start(['sync', ...oneOff()]);
    let stdout = '';
    let stderr = '';
    sync.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const ended = new Promise((done) => sync.once('exit', done));
    await new Promise<void>((waiting) => {
      sync.stdout?.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (stdout.includes('waiting for')) waiting();
      });
    });
    sync.kill('SIGINT');
    expect(await ended).toBe(130);
    expect(stderr).toContain('1 of 1 changes were made');
    const { json } = await lab.run(['history', '-o', 'json']);
    expect(json<object[]>()[0]).toMatchObject({ status: 'cancelled' });
  });
});

describe('evenkeel rollback', () => {
  it('shows what it would do, asks only a person, and holds the workflow', async () => {
    writeFileSync(
      join(lab.folder, 'evenkeel.yaml'),
      'repositories:\n- {id: main, url: ./repository}\nworkflows:\n- {id: shop, repository: main, target_path: k8s}\n',
    );
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'one' }) });
    await lab.run(['sync']);
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: 'two' }) });
    await lab.run(['sync']);
    const asked = await lab.run(['rollback']);
    expect(asked).toMatchObject({ status: 64, stderr: expect.stringContaining('Answer it with --yes.') });
    expect(asked.stdout).toMatch(/-\s+x: two/);
    const done = await lab.run(['rollback', '--yes', '--reason', 'two was wrong']);
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining('evenkeel resume shop') });
    expect((await lab.run(['status', 'shop'])).stdout).toMatch(/Held\s+revision .* two was wrong/);
    expect(await lab.run(['sync'])).toMatchObject({ status: 1, stderr: expect.stringContaining('is held') });
    expect(await lab.run(['resume'])).toMatchObject({ status: 0 });
    expect(await lab.run(['sync'])).toMatchObject({ status: 0 });
    const undone = (await lab.run(['rollback', '--dry-run', '-o', 'json'])).json<{ diff: { summary: object } }>();
    expect(undone.diff.summary).toMatchObject({ updated_resources: 1 });
    expect((await lab.run(['audit', '--verify'])).stdout).toMatch(/^\d+ entries, all as they were written$/m);
    const trail = (await lab.run(['audit', 'shop', '-o', 'json'])).json<{ action: string; reason?: string }[]>();
    expect(trail.map((entry) => entry.action)).toEqual(['sync', 'resume', 'sync', 'rollback', 'sync', 'sync']);
    expect(trail[3]).toMatchObject({ actor: expect.stringContaining('@'), reason: 'two was wrong', detail: { status: 'succeeded' } });
    const [last] = (await lab.run(['history', '-o', 'json'])).json<{ id: string }[]>();
    expect((await lab.run(['history', '--show', last?.id ?? ''])).stdout).toMatch(/\+\s+x: two/);
  });
});

describe('evenkeel plan, approve and reject', () => {
  const config = (extra: string) => `repositories: [{id: main, url: ${JSON.stringify(lab.repository.path)}, branch: main}]
workflows: [{id: web, repository: main, target_path: k8s${extra}}]
`;

  it('keep a plan in a file, apply exactly it, and refuse it once it does not fit', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    writeFileSync(join(lab.folder, 'evenkeel.yaml'), config(''));
    const made = await lab.run(['plan', '-o', 'plan.json']);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toContain('Apply exactly this: evenkeel sync --plan plan.json');
    expect(JSON.parse((await lab.run(['plan', '-o', 'json'])).stdout)).toMatchObject({ format: 'evenkeel/plan/1', workflowId: 'web' });
    expect(await lab.run(['sync', '--plan', 'plan.json', '--prune'])).toMatchObject({ status: 64 });
    expect((await lab.run(['sync', '--plan', 'plan.json'])).status).toBe(0);
    const again = await lab.run(['sync', '--plan', 'plan.json']);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('Refused: the plan of');
    expect(await lab.run(['sync', '--plan', 'none.json'])).toMatchObject({ status: 64 });
    writeFileSync(join(lab.folder, 'bad.json'), '{"format":"x"}');
    expect((await lab.run(['sync', '--plan', 'bad.json'])).stderr).toContain('[PLAN_INVALID]');
    expect((await lab.run(['status', 'web', '-o', 'json'])).json()).toMatchObject({ status: 'synced' });
  });

  it('need no terminal where a sync has asked, and a yes where none has', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    writeFileSync(join(lab.folder, 'evenkeel.yaml'), config(', approval_required: true'));
    const unasked = await lab.run(['approve']);
    expect(unasked.status).toBe(64);
    expect(unasked.stderr).toContain('--yes');
    const waits = await lab.run(['sync']);
    expect(waits.status).toBe(1);
    expect(waits.stderr.split('\n')[0]).toBe(
      'Not yet: workflow "web" waits for approval: every sync of this workflow is approved by a person',
    );
    expect((await lab.run(['status', 'web'])).stdout).toContain('pending: 1 to create');
    expect(await lab.run(['approve', '--approval', 'approval-other'])).toMatchObject({ status: 64 });
    const rejected = await lab.run(['reject', '--reason', 'too early']);
    expect(rejected.stdout).toContain('+ Creating ConfigMap/a');
    expect(rejected.stdout).toContain('Rejected by ');
    expect((await lab.run(['sync'])).stderr).toContain('too early');
    expect((await lab.run(['approve', '--yes', '-o', 'json'])).json()).toMatchObject({ state: 'approved', workflow_id: 'web' });
    expect((await lab.run(['sync'])).status).toBe(0);
    expect((await lab.run(['approve'])).stderr).toContain('[APPROVAL_NOTHING]');
  });
});

describe('evenkeel doctor', () => {
  it('finds what is wrong and says what to do', async () => {
    lab.repository.commit({ 'k8s/a.yaml': configMap('a', { x: '1' }) });
    writeFileSync(
      join(lab.folder, 'evenkeel.yaml'),
      'repositories:\n- {id: main, url: ./gone}\nworkflows:\n- {id: shop, repository: main}\n',
    );
    const result = await lab.run(['doctor']);
    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(/✓ git\s+git version/);
    expect(result.stdout).toMatch(/✗ shop: repository/);
    writeFileSync(
      join(lab.folder, 'evenkeel.yaml'),
      'repositories:\n- {id: main, url: ./repository}\nworkflows:\n- {id: shop, repository: main}\n',
    );
    expect((await lab.run(['doctor', '-o', 'json'])).json<{ state: string }[]>().filter((f) => f.state === 'problem')).toEqual([]);
  });
});

describe('evenkeel demo', () => {
  it('goes from a repository to a healthy, pruned cluster without a prompt', async () => {
    const { status, stdout, stderr } = await lab.run(['demo']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const text of [
      '5 to create',
      'Synced 5 created',
      'image: registry.example/shop/web:1.1.0',
      'Deleting ConfigMap/promotion',
      '1 deleted',
      '4 unchanged',
      'What to type next',
    ])
      expect(stdout).toContain(text);
  });
});
