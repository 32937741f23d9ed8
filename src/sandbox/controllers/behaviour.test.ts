import { expect, test } from 'vitest';
import { behaviourOf, readScript } from './behaviour.js';
import type { Pod } from './shapes.js';
import { podSpec } from './test-objects.js';

test('commands of sleep, echo, true, false and exit are read; others are not', () => {
  expect(readScript(['sleep', '5'])).toEqual({ ms: 5000, exitCode: 0 });
  expect(readScript(['sh', '-c', 'echo hi; sleep 2m && exit 3; sleep 9'])).toEqual({ ms: 120_000, exitCode: 3 });
  expect(readScript(['/bin/bash', '-ec', 'set -e\nsleep 0.5\nfalse'])).toEqual({ ms: 500, exitCode: 1 });
  for (const command of [[], ['sleep', 'infinity'], ['nginx', '-g', 'daemon off;'], ['sh', '-c', 'make && sleep 1']])
    expect(readScript(command)).toBeUndefined();
});

test('the tag decides only where the pod does not say otherwise', () => {
  const pod = (image: string, annotations = {}): Pod => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', annotations },
    spec: podSpec(image),
  });
  const of = (p: Pod, ends = false) => behaviourOf(p, p.spec.containers[0] as Pod['spec']['containers'][number], ends);
  expect(of(pod('registry:5000/app:crash'))).toMatchObject({ exitCode: 1, reason: 'Error', readyAfter: undefined });
  expect(of(pod('registry:5000/crash'))).toMatchObject({ exitCode: 0, runFor: undefined, readyAfter: 0 });
  expect(of(pod('app:crash', { 'sandbox.evenkeel.dev/behaviour': 'slow' }))).toMatchObject({ exitCode: 0, readyAfter: 30_000 });
  expect(of(pod('app:fail'))).toMatchObject({ exitCode: 0 });
  expect(of(pod('app:fail'), true)).toMatchObject({ exitCode: 1 });
  expect(of(pod('app:1', { 'sandbox.evenkeel.dev/run-for': '3s' }), true)).toMatchObject({ runFor: 3000 });
  expect(of(pod('app@sha256:0123', {}))).toMatchObject({ missing: false });
});
