import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../model/index.js';
import { unifiedText } from './text.js';

const object = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec });

describe('unifiedText', () => {
  it('shows what differs and not the order that a server writes members in', () => {
    const before = object({ type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }], selector: { app: 'x' } });
    const after = object({ selector: { app: 'x' }, extra: true, ports: [{ protocol: 'TCP', port: 81 }], type: 'ClusterIP' });
    expect(
      unifiedText(before, after)
        .split('\n')
        .filter((line) => /^[+-]/.test(line)),
    ).toEqual(['-  - port: 80', '+  - port: 81', '+  extra: true']);
  });

  it('is empty where nothing differs', () => {
    expect(unifiedText(object({ a: 1, b: 2 }), object({ b: 2, a: 1 }))).toBe('');
  });
});
