import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ModuleLab, moduleLab } from '../../test/support/modules.js';
import { makeRepository } from '../../test/support/repository.js';
import * as entry from '../index.js';
import { createMetrics, invokeSnake, type Modules, moduleDescriptions, withModules } from './index.js';

let lab: ModuleLab;
beforeAll(async () => {
  lab = await moduleLab();
});
afterAll(() => lab.close());

const web = `apiVersion: v1
kind: ConfigMap
metadata: {name: web}
data: {camelCase: "1", snake_case: "2"}
`;

describe('the set', () => {
  test('has what its table describes, and the package exports each module under its name', () => {
    const exported = new Map<string, object>(Object.entries(entry) as [string, object][]);
    for (const [name, { functions }] of Object.entries(moduleDescriptions)) {
      expect(Object.keys(lab.modules[name as keyof Modules]).sort(), name).toEqual(Object.keys(functions).sort());
      expect(Object.keys(exported.get(name) ?? {}).sort(), name).toEqual(Object.keys(functions).sort());
    }
  });

  test('every function, parameter and field says what it is', () => {
    const silent: string[] = [];
    const check = (at: string, summary: string | undefined) => {
      if (summary === undefined || summary === '') silent.push(at);
    };
    for (const [module, { summary, functions }] of Object.entries(moduleDescriptions)) {
      check(module, summary);
      for (const [name, about] of Object.entries(functions)) {
        check(`${module}.${name}`, about.summary);
        for (const parameter of about.parameters) check(`${module}.${name}(${parameter.name})`, parameter.summary);
      }
    }
    expect(silent).toEqual([]);
  });
});

describe('imports of a script', () => {
  test('stand for the modules of the run that they are called in, across what it waits for', async () => {
    const [one, two] = [createMetrics(), createMetrics()];
    const count = async () => {
      await new Promise((resolve) => setImmediate(resolve));
      entry.metrics.counter('seen_total');
    };
    await Promise.all([
      withModules(lab.with({ metrics: one }), async () => {
        await count();
        await count();
      }),
      withModules(lab.with({ metrics: two }), count),
    ]);
    expect([one, two].map((registry) => registry.snapshot()[0]?.series[0]?.value)).toEqual([2, 1]);
  });

  test('say outside of a run how to get one', () => {
    expect(() => entry.log.info('x')).toThrow(
      expect.objectContaining({ code: 'TASK_OUTSIDE_RUN', hint: expect.stringMatching(/evenkeel run/) }),
    );
  });
});

describe('gitops', () => {
  test('does what it does everywhere, in both spellings', async () => {
    const repository = makeRepository(join(lab.folder, 'shop'));
    repository.commit({ 'k8s/web.yaml': web });
    const { workflowId } = await lab.modules.gitops.workflow({ repo: './shop', targetPath: 'k8s' });
    const diff = (await invokeSnake(lab.modules, 'gitops', 'generate_diff', [workflowId])) as {
      summary: { total_changes: number };
      changes: { desired_state: { data: unknown } }[];
    };
    expect(diff.summary.total_changes).toBe(1);
    expect(diff.changes[0]?.desired_state.data).toEqual({ camelCase: '1', snake_case: '2' });
    expect(await lab.modules.gitops.syncWorkflow(workflowId)).toMatchObject({ success: true });
    expect(await invokeSnake(lab.modules, 'gitops', 'get_workflow_status', [workflowId])).toMatchObject({
      status: 'synced',
      last_sync_result: { metrics: { resources_applied: 1 } },
    });
    expect(moduleDescriptions.gitops.functions.syncWorkflow.returns.convention).toBe('success');
  });

  test('plans, asks for an approval, and carries out exactly the plan', async () => {
    const repository = makeRepository(join(lab.folder, 'gated'));
    repository.commit({ 'web.yaml': web.replace('name: web', 'name: gated') });
    const { workflowId } = await lab.modules.gitops.workflow({ repo: './gated', approvalRequired: true });
    const plan = await invokeSnake(lab.modules, 'gitops', 'plan', [workflowId]);
    expect(await invokeSnake(lab.modules, 'gitops', 'sync_workflow', [workflowId, { plan }])).toMatchObject({
      success: false,
      error: { code: 'APPROVAL_PENDING' },
    });
    expect(await invokeSnake(lab.modules, 'gitops', 'approve_workflow', [workflowId, { plan, reason: 'seen' }])).toMatchObject({
      state: 'approved',
      workflow_id: workflowId,
    });
    expect(await invokeSnake(lab.modules, 'gitops', 'sync_workflow', [workflowId, { plan }])).toMatchObject({ success: true });
    expect(await lab.modules.gitops.approvals(workflowId)).toHaveLength(1);
  });

  test('names unknown and wrong options as the script writes them', async () => {
    const call = (options: object) => invokeSnake(lab.modules, 'gitops', 'workflow', [options]);
    await expect(call({ repo: 'a/b', targetPath: '.' })).rejects.toMatchObject({
      code: 'OPTION_UNKNOWN',
      hint: 'Did you mean "target_path"?',
    });
    await expect(call({ repo: 'a/b', sync_policy: { retry: { limit: -1 } } })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      where: { field: 'sync_policy.retry.limit' },
      message: expect.stringContaining('"sync_policy.retry.limit"'),
    });
    await expect(invokeSnake(lab.modules, 'gitops', 'sync_workflw', [])).rejects.toMatchObject({
      hint: 'Did you mean gitops.sync_workflow?',
    });
    await expect(invokeSnake(lab.modules, 'gitops', 'syncWorkflow', ['x'])).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  });

  test('begins nothing after the end of the run', async () => {
    const ended = lab.with({ signal: AbortSignal.abort() });
    await expect(ended.gitops.listWorkflows()).rejects.toMatchObject({ code: 'CANCELLED' });
    ended.log.info('still heard');
    expect(lab.lines.at(-1)?.message).toBe('still heard');
  });
});

describe('log', () => {
  test('masks secrets, shows control characters and writes data as JSON', () => {
    lab.host.secrets.add('hunter22');
    lab.modules.log.warn('password hunter22\u001b[2J', { token: ['hunter22'], n: 1 });
    expect(lab.lines.at(-1)).toMatchObject({ level: 'warn', message: 'password •••\\u001b[2J', fields: { token: ['•••'], n: 1 } });
    lab.modules.log.error(new Error('no hunter22'));
    expect(lab.lines.at(-1)?.message).toBe('no •••');
    lab.modules.log.info({ replicas: 3, big: 9007199254740993n });
    expect(lab.lines.at(-1)?.message).toBe('{"replicas":3,"big":9007199254740993}');
  });
});

describe('data', () => {
  const { data } = entry;
  const inside = <T>(action: () => T) => withModules(lab.modules, action);

  test('reads JSON and YAML as Kubernetes does and writes what reads back equal', () =>
    inside(() => {
      expect(data.parseJson('{"n": 9007199254740993}')).toEqual({ n: 9007199254740993n });
      expect(data.parseYaml('on: yes\nport: 010\nday: 2024-01-01\n')).toEqual({ true: true, port: 8, day: '2024-01-01' });
      expect(data.parseYamlDocuments('a: 1\n---\n---\nb: 2\n')).toEqual([{ a: 1 }, { b: 2 }]);
      expect(data.toYaml({ b: 'yes', a: ['1', 1] })).toBe('b: "yes"\na:\n- "1"\n- 1\n');
      expect(data.toYaml({ b: 1, a: 2 }, { sortKeys: true })).toBe('a: 2\nb: 1\n');
      expect(data.toYamlDocuments([{ a: 1 }, 2])).toBe('a: 1\n---\n2\n');
      expect(data.toJson({ a: [1] }, { pretty: true })).toBe('{\n  "a": [\n    1\n  ]\n}');
    }));

  test('base64 and hashes take text and bytes', () =>
    inside(() => {
      expect(data.decodeBase64(data.encodeBase64('grün'))).toBe('grün');
      expect(data.decodeBase64('_-8')).toEqual(Buffer.from([0xff, 0xef]));
      expect(data.hash(new Uint8Array([97]))).toBe(data.hash('a'));
      expect(data.hash('a', { algorithm: 'md5' })).toBe('0cc175b9c0f1b6a831c399e269772661');
    }));

  test('errors have a place and not the text', () =>
    inside(() => {
      expect(() => data.parseJson('{"password": "hunter2", }')).toThrow(
        expect.objectContaining({ code: 'DATA_INVALID', message: expect.not.stringContaining('hunter') }),
      );
      expect(() => data.parseYaml('a: 1\n---\nb: 2\n')).toThrow(/2 YAML documents/);
      expect(() => data.parseYaml('a: [')).toThrow(expect.objectContaining({ code: 'MANIFEST_YAML_INVALID' }));
      expect(() => data.decodeBase64('a*b')).toThrow(/not base64/);
    }));
});

describe('values', () => {
  test('lay files, then the parameters of the run, over each other', async () => {
    writeFileSync(join(lab.folder, 'base.yaml'), 'image: {tag: v1, name: web}\nhosts: [a, b]\ndebug: true\n');
    writeFileSync(join(lab.folder, 'prod.json'), '{"image": {"tag": "v2"}, "hosts": ["c"], "debug": null}');
    const { values } = lab.with({ params: { image: { tag: 'v3' } } });
    expect(await values.load(['base.yaml', 'prod.json'])).toEqual({ image: { tag: 'v3', name: 'web' }, hosts: ['c'] });
    expect(await values.load('base.yaml', { params: false })).toMatchObject({ image: { tag: 'v1' } });
    expect(await values.load(['none.yaml'], { optional: true, params: false })).toEqual({});
    await expect(values.load('none.yaml')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(values.load('../../etc/hostname')).rejects.toMatchObject({ code: 'FILE_OUTSIDE' });
  });

  test('are read by path, own members only', () => {
    const { values } = lab.modules;
    const tree = values.merge({ a: { b: [{ 'x.y/z': 1 }] } }, JSON.parse('{"__proto__": {"polluted": true}}'));
    expect(values.get(tree, 'a.b[0]["x.y/z"]')).toBe(1);
    expect(values.get(tree, 'a.c', 'none')).toBe('none');
    expect(values.get(tree, 'a.constructor.name')).toBeUndefined();
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(() => values.get(tree, 'a..b')).toThrow(/not a path/);
  });
});

describe('metrics', () => {
  test('are Prometheus text', async () => {
    const { metrics } = lab.with({ metrics: createMetrics() });
    metrics.counter('deploys_total', 2, { labels: { env: 'a"b\n' }, help: 'Deployments' });
    metrics.counter('deploys_total', 1, { labels: { env: 'a"b\n' } });
    metrics.gauge('replicas', -1.5);
    metrics.histogram('seconds', 0.5, { buckets: [0.1, 1] });
    metrics.histogram('seconds', 7, { buckets: [0.1, 1] });
    expect(metrics.prometheus()).toBe(
      [
        '# HELP deploys_total Deployments',
        '# TYPE deploys_total counter',
        'deploys_total{env="a\\"b\\n"} 3',
        '# TYPE replicas gauge',
        'replicas -1.5',
        '# TYPE seconds histogram',
        'seconds_bucket{le="0.1"} 0',
        'seconds_bucket{le="1"} 1',
        'seconds_bucket{le="+Inf"} 2',
        'seconds_sum 7.5',
        'seconds_count 2',
        '',
      ].join('\n'),
    );
    expect(await metrics.time('took_seconds', async () => 'done')).toBe('done');
    await expect(
      metrics.time('took_seconds', () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(metrics.snapshot().find(({ name }) => name === 'took_seconds')?.series[0]?.count).toBe(2);
    const timer = metrics.startTimer('other_seconds');
    expect(metrics.stopTimer(timer)).toBeGreaterThanOrEqual(0);
    expect(() => metrics.stopTimer(timer)).toThrow(/no such timer/);
  });

  test.each<[string, (m: Modules['metrics']) => unknown]>([
    ['a name', (m) => m.counter('9 lives')],
    ['a label', (m) => m.gauge('a', 1, { labels: { 'a-b': 'x' } })],
    ['another kind', (m) => [m.counter('b_total'), m.gauge('b_total', 1)]],
    ['a counter that falls', (m) => m.counter('c_total', -1)],
    ['buckets that fall', (m) => m.histogram('d', 1, { buckets: [2, 1] })],
    [
      'labels without end',
      (m) => {
        for (let i = 0; i < 10_001; i++) m.counter('e_total', 1, { labels: { id: String(i) } });
      },
    ],
  ])('refuse %s', (_, action) => {
    const { metrics } = lab.with({ metrics: createMetrics() });
    expect(() => action(metrics)).toThrow(expect.objectContaining({ code: 'METRIC_INVALID' }));
  });
});

describe('prompt', () => {
  test('asks, takes the default for nothing, and asks again for what is no answer', async () => {
    const asked: string[] = [];
    const answers = ['  blue ', '', 'perhaps', 'YES', ''];
    const { prompt } = lab.with({
      prompt: async (question) => {
        asked.push(question);
        return answers.shift() ?? '';
      },
    });
    expect(await prompt.ask('Colour?')).toBe('blue');
    expect(await prompt.ask('Colour?', { default: 'red' })).toBe('red');
    expect(await prompt.confirm('Deploy?')).toBe(true);
    expect(await prompt.confirm('Deploy?', { default: false })).toBe(false);
    expect(asked).toEqual(['Colour?', 'Colour? [red]', 'Deploy? (y/n)', 'Deploy? (y/n)', 'Deploy? (y/N)']);
  });

  test('says where nobody can be asked', async () => {
    await expect(lab.modules.prompt.ask('Deploy?')).rejects.toMatchObject({ code: 'PROMPT_UNANSWERED' });
  });
});
