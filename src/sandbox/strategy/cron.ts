interface Bounds {
  min: number;
  max: number;
  names?: { [name: string]: number };
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const fields: Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: Object.fromEntries(months.map((m, i) => [m, i + 1])) },
  { min: 0, max: 6, names: Object.fromEntries(days.map((d, i) => [d, i])) },
];

const descriptors = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/** What is wrong with a schedule in the standard five-field form, in the scheduler's words; undefined where nothing is. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  let text = schedule;
  if (/^(TZ|CRON_TZ)=/.test(text)) text = text.slice(text.indexOf(' ') + 1).trim();
  if (text.startsWith('@')) return descriptorProblem(text);
  const parts = text.split(/\s+/).filter((p) => p !== '');
  if (parts.length !== 5) return `expected exactly 5 fields, found ${parts.length}: [${parts.join(' ')}]`;
  for (let i = 0; i < 5; i++) {
    for (const expression of (parts[i] as string).split(',')) {
      const problem = rangeProblem(expression, fields[i] as Bounds);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function descriptorProblem(text: string): string | undefined {
  if (descriptors.includes(text)) return undefined;
  if (text.startsWith('@every '))
    return /^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/.test(text.slice(7))
      ? undefined
      : `failed to parse duration ${text}: time: invalid duration ${JSON.stringify(text.slice(7))}`;
  return `unrecognized descriptor: ${text}`;
}

function rangeProblem(expression: string, bounds: Bounds): string | undefined {
  const [range, step, ...more] = expression.split('/');
  if (more.length > 0) return `too many slashes: ${expression}`;
  const ends = (range as string).split('-');
  let low: number;
  let high: number;
  if (ends[0] === '*' || ends[0] === '?') {
    low = bounds.min;
    high = bounds.max;
  } else {
    const first = read(ends[0] as string, bounds);
    if (typeof first === 'string') return first;
    low = first;
    if (ends.length > 2) return `too many hyphens: ${expression}`;
    const last = ends.length === 2 ? read(ends[1] as string, bounds) : step !== undefined ? bounds.max : low;
    if (typeof last === 'string') return last;
    high = last;
  }
  if (step !== undefined) {
    const width = read(step, { min: 0, max: Number.MAX_SAFE_INTEGER });
    if (typeof width === 'string') return width;
    if (width === 0) return `step of range should be a positive number: ${expression}`;
  }
  if (low < bounds.min) return `beginning of range (${low}) below minimum (${bounds.min}): ${expression}`;
  if (high > bounds.max) return `end of range (${high}) above maximum (${bounds.max}): ${expression}`;
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${expression}`;
  return undefined;
}

function read(text: string, bounds: Bounds): number | string {
  const named = bounds.names?.[text.toLowerCase()];
  if (named !== undefined) return named;
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
  const value = Number(text);
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value;
}
