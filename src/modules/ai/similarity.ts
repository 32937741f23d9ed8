/** Longer commands are compared by their beginning. */
const LONGEST = 4_000;
const MOST_TOKENS = 300;

/** Words of a command as often as they stand in it; what differs from run to run (versions, hashes, times) counts as its kind. */
function wordsOf(command: string): Map<string, number> {
  const words = new Map<string, number>();
  let count = 0;
  for (const [raw] of command.slice(0, LONGEST).matchAll(/[A-Za-z0-9_.:@-]+/g)) {
    if (++count > MOST_TOKENS) break;
    const word = kindOf(raw.toLowerCase());
    // The program says more than its arguments.
    words.set(word, (words.get(word) ?? 0) + (count === 1 ? 2 : 1));
  }
  return words;
}

function kindOf(word: string): string {
  if (/^[0-9a-f]{7,64}$/.test(word) && /[0-9]/.test(word)) return '#hash';
  if (/^v?[0-9]+(?:[.:-][0-9a-z]+)*$/.test(word)) return '#number';
  return word.replace(/([:@])(?:v?[0-9][0-9a-z.-]*|[0-9a-f]{7,64})$/, '$1#version');
}

/** Compares a command with many. @returns from 0, nothing in common, to 1, the same but for numbers and hashes */
export function similarTo(command: string): (other: string) => number {
  const words = wordsOf(command);
  const known = new Map<string, number>();
  return (other) => {
    let found = known.get(other);
    if (found === undefined) {
      found = command === other ? 1 : overlap(words, wordsOf(other));
      known.set(other, found);
    }
    return found;
  };
}

/** What both have over what either has. */
function overlap(a: Map<string, number>, b: Map<string, number>): number {
  let shared = 0;
  let all = 0;
  for (const word of new Set([...a.keys(), ...b.keys()])) {
    const [x, y] = [a.get(word) ?? 0, b.get(word) ?? 0];
    shared += Math.min(x, y);
    all += Math.max(x, y);
  }
  return all === 0 ? 1 : shared / all;
}
