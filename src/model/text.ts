/** How many single-character edits (insert, delete, replace, swap of neighbours) lie between two words. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(best);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}

/** The known word that was most likely meant, or undefined where none is near. Case, `-` and `_` do not count. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const plain = (w: string) =>
    w
      .slice(0, 100)
      .toLowerCase()
      .replace(/[-_\s]/g, '');
  const wanted = plain(word);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const text = plain(candidate);
    const d = distance(wanted, text);
    const longest = Math.max(wanted.length, text.length);
    // A third of the word may be wrong, but not all of it.
    if (d < least && (d === 0 || (d < longest && d <= Math.max(1, Math.floor(longest / 3))))) {
      least = d;
      best = candidate;
    }
  }
  return wanted === '' ? undefined : best;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const unprintable = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text from outside made safe to print: control characters (escape sequences among them) and the
 * invisible characters that reorder or break lines of text become visible escapes. Newlines and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(unprintable, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `3 objects`, `1 object`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
