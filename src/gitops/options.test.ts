import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOptions, mapNames, toCamel, toSnake } from './options.js';
import { fileSchema, repositoryOptions, workflowOptions } from './schema.js';
import { parseRef, refText, settingsOf } from './settings.js';

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string; hint?: string; where: object };
  }
  throw new Error('nothing was refused');
};

describe('checkOptions', () => {
  it('names unknown options in the words of the caller, at any depth', () => {
    const camel = refusal(() =>
      checkOptions(workflowOptions, { repository: 'r', syncPolicy: { helthCheck: {} } }, { what: 'createWorkflow', names: 'camel' }),
    );
    expect(camel).toMatchObject({ code: 'OPTION_UNKNOWN', where: { field: 'syncPolicy.helthCheck' }, hint: 'Did you mean "healthCheck"?' });
    const snake = refusal(() =>
      checkOptions(fileSchema, { workflows: [{ id: 'a', repository: 'r', autoSync: true }] }, { what: 'evenkeel.yaml', names: 'snake' }),
    );
    expect(snake).toMatchObject({ code: 'OPTION_UNKNOWN', where: { field: 'workflows[0].autoSync' }, hint: 'Did you mean "auto_sync"?' });
    const far = refusal(() => checkOptions(repositoryOptions, { url: 'x', zzzzzz: 1 }, { what: 'registerRepository', names: 'camel' }));
    expect(far.hint).toMatch(/^Known options: .*pollInterval/);
  });

  it('names options that are missing or of a wrong type', () => {
    expect(refusal(() => checkOptions(repositoryOptions, {}, { what: 'registerRepository', names: 'camel' }))).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('"url" is missing'),
    });
    expect(refusal(() => checkOptions(repositoryOptions, { url: 1 }, { what: 'registerRepository', names: 'camel' }))).toMatchObject({
      code: 'OPTION_INVALID',
      where: { field: 'url' },
    });
    expect(
      refusal(() =>
        checkOptions(
          repositoryOptions,
          { url: 'x', credentials: { type: 'tokn', token: 'secret-value' } },
          { what: 'registerRepository', names: 'camel' },
        ),
      ).message,
    ).not.toContain('secret-value');
  });

  it('never throws anything but our error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          checkOptions(fileSchema, value, { what: 'evenkeel.yaml', names: 'snake' });
        } catch (error) {
          expect(error).toMatchObject({ name: 'EvenkeelError', code: expect.stringMatching(/^OPTION_/) });
        }
      }),
    );
  });
});

describe('names at the border', () => {
  it('go there and back', () => {
    for (const name of ['sync_policy', 'auto_sync', 'max_duration', 'url']) expect(toSnake(toCamel(name))).toBe(name);
    expect(mapNames({ syncPolicy: { healthCheck: { failureMode: 'fail' } }, list: [{ aB: 1 }] }, toSnake)).toEqual({
      sync_policy: { health_check: { failure_mode: 'fail' } },
      list: [{ a_b: 1 }],
    });
  });
});

describe('settings', () => {
  it('are complete, with the documented defaults', () => {
    expect(settingsOf({ repository: 'r' })).toMatchObject({
      autoSync: false,
      autoPrune: false,
      retry: { limit: 0, backoff: 'exponential', maxDurationMs: 600_000 },
      healthCheck: { enabled: true, timeoutMs: 300_000, failureMode: 'fail' },
      cluster: { target: 'sandbox' },
      namespace: 'default',
    });
    expect(settingsOf({ repository: 'r', kubeconfig: '/k' }).cluster).toEqual({ target: 'kubeconfig', kubeconfig: '/k' });
  });

  it('keep what a repository follows', () => {
    expect(parseRef(refText({}, 'main'))).toEqual({ branch: 'main' });
    expect(parseRef(refText({ tag: 'v1' }, 'main'))).toEqual({ tag: 'v1' });
    expect(parseRef(refText({ commit: 'a'.repeat(40) }, 'main'))).toEqual({ commit: 'a'.repeat(40) });
    expect(parseRef('HEAD')).toEqual({ head: true });
  });
});
