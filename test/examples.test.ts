import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CliLab, type CliResult, makeCliLab } from './support/cli.js';
import { makeRepository } from './support/repository.js';

const examples = join(import.meta.dirname, '../examples/pipelines');

interface Report {
  status: string;
  tasks: { name: string; state: string; message?: string; output?: unknown }[];
}

/** A folder with the examples in it, and a repository. */
function lab(): CliLab {
  const made = makeCliLab();
  for (const name of readdirSync(examples).filter((one) => one.endsWith('.ts')))
    copyFileSync(join(examples, name), join(made.folder, name));
  return made;
}

const deployment = (
  name: string,
  labels: { [name: string]: string },
  { image = 'nginx:1.25', replicas = '' }: { image?: string; replicas?: string } = {},
) => {
  const text = JSON.stringify({ app: name, ...labels });
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:${replicas === '' ? '' : `\n  replicas: ${replicas}`}
  selector: {matchLabels: ${text}}
  template:
    metadata: {labels: ${text}}
    spec:
      containers:
      - {name: web, image: "${image}", resources: {limits: {memory: 64Mi}}}
`;
};
const configMap = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: {value: "${value}"}\n`;

const states = (result: CliResult) => Object.fromEntries(result.json<Report>().tasks.map((task) => [task.name, task.state]));
const messageOf = (result: CliResult, name: string) => result.json<Report>().tasks.find((task) => task.name === name)?.message;

let one: CliLab;
beforeAll(() => {
  one = lab();
});
afterAll(() => one.close());
const run = (file: string, ...args: string[]) => one.run(['run', file, '-o', 'json', ...args]);

describe('examples', () => {
  test('promotion: nothing reaches production without a yes, and then what staging has shown', async () => {
    one.repository.commit(
      Object.fromEntries(
        ['development', 'staging', 'production'].map((name) => [`environments/${name}/config.yaml`, configMap('config', name)]),
      ),
    );
    const repo = ['--param', `repo=${one.repository.path}`];
    const refused = await run('promotion.ts', ...repo, '--answer', 'no');
    expect(refused.status).toBe(1);
    expect(states(refused)).toEqual({ development: 'succeeded', staging: 'succeeded', gate: 'failed', production: 'blocked' });
    // What was pushed meanwhile has to come the whole way.
    one.repository.commit({ 'environments/production/config.yaml': configMap('config', 'unseen') });
    const resumed = await run('promotion.ts', '--resume', '--yes');
    expect([resumed.status, states(resumed)]).toEqual([
      0,
      { development: 'kept', staging: 'kept', gate: 'succeeded', production: 'succeeded' },
    ]);
    const again = await run('promotion.ts', ...repo, '--yes');
    expect([again.status, messageOf(again, 'gate')]).toEqual([0, 'approved']);
    expect(messageOf(again, 'production')).toContain('1 updated');
    expect(messageOf(await run('promotion.ts', ...repo), 'gate')).toBe('nothing changes');
  }, 60_000);

  test('validation: dangerous changes are refused before anything is written', async () => {
    const repository = makeRepository(join(one.folder, 'validated'));
    const args = ['--param', `repo=${repository.path}`, '--param', 'namespace=validated'];
    repository.commit({ 'web.yaml': deployment('web', {}, { image: 'nginx' }).replace(', resources: {limits: {memory: 64Mi}}', '') });
    const refused = await run('validation.ts', ...args);
    expect(refused.status).toBe(1);
    expect(states(refused)).toEqual({ diff: 'succeeded', validate: 'failed', deploy: 'blocked' });
    expect(refused.stderr).toContain('the image of web has no fixed version (nginx)');
    expect(refused.stderr).toContain('web has no memory limit');
    repository.commit({ 'web.yaml': deployment('web', {}) });
    expect(states(await run('validation.ts', ...args))).toEqual({ diff: 'succeeded', validate: 'succeeded', deploy: 'succeeded' });
    expect(states(await run('validation.ts', ...args))).toEqual({ diff: 'succeeded', validate: 'succeeded', deploy: 'skipped' });
  });

  test('several repositories: what failed holds up what needs it, and nothing else', async () => {
    const repositories = Object.fromEntries(
      ['database', 'backend', 'worker', 'frontend'].map((name) => [name, makeRepository(join(one.folder, 'company', `${name}-config`))]),
    );
    for (const [name, repository] of Object.entries(repositories))
      repository.commit({ 'config.yaml': name === 'backend' ? 'kind: [\n' : configMap(name, '1') });
    const owner = ['--param', `owner=${join(one.folder, 'company')}`];
    const failed = await run('multi-repository.ts', ...owner);
    expect(states(failed)).toEqual({
      database: 'succeeded',
      backend: 'failed',
      worker: 'succeeded',
      frontend: 'blocked',
      verify: 'blocked',
    });
    repositories['backend']?.commit({ 'config.yaml': configMap('backend', '1') });
    const resumed = await run('multi-repository.ts', '--resume');
    expect([resumed.status, states(resumed)]).toEqual([
      0,
      { database: 'kept', backend: 'succeeded', worker: 'kept', frontend: 'succeeded', verify: 'succeeded' },
    ]);
    expect(messageOf(resumed, 'verify')).toBe('all is well');
  }, 60_000);

  test('blue-green: the Service is switched to what was tested, and back where it fails afterwards', async () => {
    const repository = makeRepository(join(one.folder, 'colours'));
    for (const colour of ['blue', 'green'])
      repository.commit({ [`${colour}/web.yaml`]: deployment(`shop-${colour}`, { app: 'shop', colour }, { replicas: '1' }) });
    const args = ['--param', `repo=${repository.path}`, '--param', 'soak=0'];
    const first = await run('blue-green.ts', ...args);
    expect([first.status, messageOf(first, 'choose'), messageOf(first, 'verify')]).toEqual([
      0,
      'nothing serves, blue is next',
      'blue serves',
    ]);
    expect(states(first)['switch-back']).toBe('skipped');
    // The test passes before the switch and fails after it.
    const flaky = 'test ! -e used-$COLOUR && touch used-$COLOUR';
    const second = await run('blue-green.ts', ...args, '--param', `smoke=${flaky}`);
    expect(second.status).toBe(1);
    expect(states(second)).toEqual({
      choose: 'succeeded',
      deploy: 'succeeded',
      test: 'succeeded',
      switch: 'succeeded',
      verify: 'failed',
      'switch-back': 'succeeded',
    });
    expect(messageOf(second, 'switch-back')).toBe('blue serves again');
    expect(messageOf(await run('blue-green.ts', ...args, '--only', 'choose'), 'choose')).toBe('blue serves, green is next');
  }, 90_000);

  test('canary: a version that is not well never becomes the stable one', async () => {
    const repository = makeRepository(join(one.folder, 'birds'));
    repository.commit({
      'canary/web.yaml': deployment('shop-canary', { track: 'canary' }),
      'stable/web.yaml': deployment('shop-stable', { track: 'stable' }, { replicas: '1' }),
    });
    writeFileSync(join(one.folder, 'birds.yaml'), 'steps: [1, 2]\nsoak: 0\nnamespace: birds\n');
    const args = ['--param', `repo=${repository.path}`, '--values', 'birds.yaml'];
    const good = await run('canary.ts', ...args);
    expect([good.status, messageOf(good, 'grow')]).toEqual([0, 'healthy with 2 replicas']);
    const limited = await run('canary.ts', ...args, '--param', 'restarts=-1');
    expect(limited.status).toBe(1);
    expect(states(limited)).toEqual({ canary: 'succeeded', grow: 'failed', promote: 'blocked', retire: 'succeeded' });
  }, 90_000);

  test('disaster recovery: what was deleted comes back from the backup, and a changed backup is refused', async () => {
    const repository = makeRepository(join(one.folder, 'precious'));
    repository.commit({ 'config.yaml': configMap('config', 'precious'), 'web.yaml': deployment('web', {}, { replicas: '1' }) });
    writeFileSync(
      join(one.folder, 'setup.ts'),
      `import { gitops, kubernetes, task } from 'evenkeel';
task('sync').params({ repo: '' }).command(async ({ repo }) => {
  const { workflowId } = await gitops.workflow({ repo, namespace: 'precious', createNamespace: true });
  return gitops.syncWorkflow(workflowId);
}).build();
task('destroy').command(() => kubernetes.delete('Deployment', 'web', { namespace: 'precious', wait: true }).then(() => kubernetes.delete('ConfigMap', 'config', { namespace: 'precious', wait: true }))).build();
task('look').command(async () => (await kubernetes.get('ConfigMap', 'config', { namespace: 'precious' }))?.data).build();
`,
    );
    const script = (...args: string[]) => run('setup.ts', '--only', ...args);
    expect((await script('sync', '--param', `repo=${repository.path}`)).status).toBe(0);
    const place = ['--param', 'namespace=precious'];
    const backup = await run('disaster-recovery.ts', '--pipeline', 'backup', ...place);
    expect([backup.status, messageOf(backup, 'collect')]).toEqual([0, '2 objects in precious']);
    expect((await script('destroy')).status).toBe(0);
    const restored = await run('disaster-recovery.ts', '--pipeline', 'restore', ...place);
    expect([restored.status, messageOf(restored, 'restore')]).toEqual([0, '2 objects, 2 of them were gone']);
    expect((await script('look')).json<Report>().tasks[0]?.output).toEqual({ value: 'precious' });
    const file = join(one.folder, 'backups/precious.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('precious', 'tampered'));
    const refused = await run('disaster-recovery.ts', '--pipeline', 'restore', ...place);
    expect([refused.status, messageOf(refused, 'read')]).toEqual([1, 'the backup was changed after it was written']);
  }, 90_000);
});
