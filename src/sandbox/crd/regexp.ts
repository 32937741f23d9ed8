/**
 * Regular expressions of Go (RE2) as ours. Undefined where a pattern is none, or cannot be said here.
 */
const known = new Map<string, RegExp | undefined>();

export function goRegExp(pattern: string): RegExp | undefined {
  if (!known.has(pattern)) known.set(pattern, translate(pattern));
  return known.get(pattern);
}

const classes: { [name: string]: string } = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  cntrl: '\\x00-\\x1F\\x7F',
  digit: '0-9',
  graph: '!-~',
  lower: 'a-z',
  print: ' -~',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

function translate(pattern: string): RegExp | undefined {
  if (/\(\?(=|!|<=|<!)/.test(pattern.replace(/\\./g, ''))) return undefined;
  const flags = /^\(\?([imsU]+)\)/.exec(pattern);
  let source = flags ? pattern.slice(flags[0].length) : pattern;
  source = source
    .replace(/\[:(\^?)(\w+):\]/g, (whole, not: string, name: string) => (not === '' && classes[name]) || whole)
    .replace(/\(\?P</g, '(?<')
    .replace(/\\A/g, '^')
    .replace(/\\z/g, '$')
    .replace(/\\Q([\s\S]*?)(\\E|$)/g, (_, text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .replace(/\\p([A-Z])(?!\w)/g, '\\p{$1}')
    .replace(/\\x\{([0-9A-Fa-f]+)\}/g, '\\u{$1}');
  const wanted = `u${(flags?.[1] ?? '').replace('U', '')}`;
  // Go escapes more characters than the unicode mode of ours takes.
  for (const text of [source, source.replace(/\\([^\w\s^$\\.*+?()[\]{}|/-])/g, '$1').replace(/\\-(?![^[]*\])/g, '-')])
    try {
      return new RegExp(text, wanted);
    } catch {
      // The next form may do.
    }
  try {
    return new RegExp(source, wanted.replace('u', ''));
  } catch {
    return undefined;
  }
}
