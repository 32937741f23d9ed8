const factors: { [suffix: string]: number } = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The size of a Kubernetes quantity (`500m`, `1Gi`, `2`), precise enough to compare; undefined where it is none. */
export function quantity(value: unknown): number | undefined {
  const match = /^([+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))(?:([eE][+-]?\d{1,3})|([numkMGTPE]|[KMGTPE]i)?)$/.exec(
    String(value ?? '').trim(),
  );
  if (!match) return undefined;
  return Number(`${match[1]}${match[2] ?? ''}`) * (factors[match[3] ?? ''] ?? 1);
}
