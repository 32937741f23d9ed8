/** How deep data may be nested: far more than configuration is, little enough for functions that recurse. */
const DEEPEST = 500;
/** How many values one argument may hold; also what ends data that refers to itself twice over. */
const MOST_VALUES = 5_000_000;

/** Why a value is no data: a function in it, a circle, nested too deep. Undefined where it is. */
export function whyNotData(root: unknown): string | undefined {
  let values = 0;
  const why = (value: unknown, depth: number): string | undefined => {
    if (++values > MOST_VALUES) return `holds more than ${MOST_VALUES} values`;
    if (typeof value === 'function') return 'has a function in it';
    if (typeof value === 'symbol') return 'has a symbol in it';
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return undefined;
    if (depth >= DEEPEST) return `is nested deeper than ${DEEPEST} levels, or refers to itself`;
    for (const item of Array.isArray(value) ? value : Object.values(value)) {
      const found = why(item, depth + 1);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return why(root, 0);
}
