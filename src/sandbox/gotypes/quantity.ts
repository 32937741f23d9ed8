/**
 * Quantities in their canonical form (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/):
 * no precision is lost, no fractional digits, the largest exponent. Suffix families are kept.
 */

const pattern = /^([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?[0-9]+|)$/;
const binary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const decimal: { [suffix: string]: number } = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

export const quantityError = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

interface Parsed {
  negative: boolean;
  /** The value is digits × 10^exponent (× 1024^power). */
  digits: bigint;
  exponent: number;
  power: number;
  form: 'binary' | 'decimal' | 'exponent';
}

function parse(text: string): Parsed | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, number, suffix] = match as unknown as [string, string, string, string];
  const [whole, fraction = ''] = number.split('.') as [string, string?];
  if (number.length > 400) return undefined;
  const parsed: Parsed = {
    negative: sign === '-',
    digits: BigInt(`${whole}${fraction}` || '0'),
    exponent: -fraction.length,
    power: 0,
    form: 'decimal',
  };
  const power = binary.indexOf(suffix);
  if (power > 0) {
    parsed.form = 'binary';
    parsed.power = power;
  } else if (Object.hasOwn(decimal, suffix)) parsed.exponent += decimal[suffix] as number;
  else {
    parsed.form = 'exponent';
    const e = Number(suffix.slice(1));
    if (Math.abs(e) > 1000) return undefined;
    parsed.exponent += e;
  }
  return parsed;
}

/** The value in billionths, rounded up as the API server rounds; undefined where the text is no quantity. */
export function quantityNanos(text: string): bigint | undefined {
  const q = parse(text);
  if (!q) return undefined;
  const scale = q.exponent + 9;
  const scaled = q.digits * 1024n ** BigInt(q.power);
  let value: bigint;
  if (scale >= 0) value = scaled * 10n ** BigInt(scale);
  else {
    const divisor = 10n ** BigInt(-scale);
    value = (scaled + divisor - 1n) / divisor;
  }
  return q.negative ? -value : value;
}

/** `1000m` → `1`, `1024Mi` → `1Gi`, `0.5` → `500m`; undefined where the text is no quantity. */
export function canonicalQuantity(text: string): string | undefined {
  const q = parse(text);
  if (!q) return undefined;
  const nanos = quantityNanos(text) as bigint;
  if (nanos === 0n) return '0';
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const unit = 1_000_000_000n;
  if (q.form === 'binary' && size % unit === 0n) {
    let whole = size / unit;
    let power = 0;
    // Below 1024 a binary quantity is written in decimal form, as the API server does.
    if (whole < 1024n) return decimalForm(sign, size, 'decimal');
    while (whole % 1024n === 0n && power < 6) {
      whole /= 1024n;
      power++;
    }
    return `${sign}${whole}${binary[power]}`;
  }
  return decimalForm(sign, size, q.form === 'exponent' ? 'exponent' : 'decimal');
}

function decimalForm(sign: string, nanos: bigint, form: 'decimal' | 'exponent'): string {
  let value = nanos;
  let exponent = -9;
  const most = form === 'exponent' ? Number.POSITIVE_INFINITY : 18;
  while (value % 1000n === 0n && exponent < most) {
    value /= 1000n;
    exponent += 3;
  }
  if (form === 'exponent') return exponent === 0 ? `${sign}${value}` : `${sign}${value}e${exponent}`;
  const suffix = Object.keys(decimal).find((s) => decimal[s] === exponent) ?? '';
  return `${sign}${value}${suffix}`;
}
