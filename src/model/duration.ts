import { EvenkeelError } from './errors.js';

const units: { [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration like `30s`, `1h30m`, `1.5s`, `250ms`, `2d`.
 * @returns milliseconds
 * @throws EvenkeelError DURATION_INVALID
 */
export function parseDuration(text: string, field?: string): number {
  let total = 0;
  let rest = text.trim();
  if (rest === '0') return 0;
  if (rest === '') throw invalid(text, field);
  while (rest !== '') {
    const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h|d)/.exec(rest);
    if (!match) throw invalid(text, field);
    total += Number(match[1]) * (units[match[2] as string] as number);
    rest = rest.slice(match[0].length);
  }
  if (!Number.isFinite(total) || total > Number.MAX_SAFE_INTEGER) throw invalid(text, field);
  return Math.round(total);
}

function invalid(text: string, field?: string): EvenkeelError {
  return new EvenkeelError('DURATION_INVALID', `"${text}" is not a duration`, {
    where: field === undefined ? {} : { field },
    hint: 'Write a number and a unit, for example 30s, 5m or 1h30m (units: ms, s, m, h, d).',
  });
}

/** `45.2s`, `3m05s`, `2h00m05s`: one form for people and for the contract's metrics. */
export function formatDuration(ms: number): string {
  if (ms < 59_950) return `${(Math.max(0, ms) / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  return h > 0 ? `${h}h${two(m)}m${two(seconds % 60)}s` : `${m}m${two(seconds % 60)}s`;
}
