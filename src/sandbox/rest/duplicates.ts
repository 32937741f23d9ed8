import { repeatedKeys } from '../facts.js';

/** A field that is named again where the object has it already. */
export interface DuplicateField {
  path: string;
  key: string;
  /** Counted from 1. */
  line: number;
}

/**
 * The fields that a JSON text names more than once in one object, as strict decoding tells them:
 * paths as `spec.containers[0].name`. The text must be valid JSON.
 */
export function duplicateFields(text: string): DuplicateField[] {
  const found: DuplicateField[] = [];
  const levels: { keys: Set<string> | undefined; at: string; index: number; key: string }[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: {
        const end = stringEnd(text, i);
        const level = levels.at(-1);
        if (expectKey && level?.keys) {
          const raw = text.slice(i + 1, end);
          level.key = raw.includes('\\') ? (JSON.parse(text.slice(i, end + 1)) as string) : raw;
          if (level.keys.has(level.key)) {
            const path = pathOf(level);
            if (!found.some((f) => f.path === path)) found.push({ path, key: level.key, line: text.slice(0, i).split('\n').length });
          } else level.keys.add(level.key);
          expectKey = false;
        }
        i = end;
        break;
      }
      case 0x7b:
      case 0x5b: {
        const parent = levels.at(-1);
        const object = text.charCodeAt(i) === 0x7b;
        levels.push({ keys: object ? new Set() : undefined, at: parent ? pathOf(parent) : '', index: 0, key: '' });
        expectKey = object;
        break;
      }
      case 0x7d:
      case 0x5d:
        levels.pop();
        expectKey = false;
        break;
      case 0x2c: {
        const level = levels.at(-1);
        if (level?.keys) expectKey = true;
        else if (level) level.index++;
        break;
      }
    }
    // Beyond this there is nothing left to tell anybody.
    if (found.length >= 100) break;
  }
  return found;
}

function stringEnd(text: string, from: number): number {
  let i = from + 1;
  while (i < text.length) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i += 2;
    else if (c === 0x22) return i;
    else i++;
  }
  return text.length;
}

function pathOf(level: { keys: Set<string> | undefined; at: string; index: number; key: string }): string {
  if (!level.keys) return `${level.at}[${level.index}]`;
  return level.at === '' ? level.key : `${level.at}.${level.key}`;
}

/** What go-yaml's strict reading says of keys that stand twice in one mapping; undefined where none does. */
export function duplicateKeys(text: string): string | undefined {
  const found = /^\s*[{[]/.test(text) ? duplicateFields(text) : repeatedKeys(text);
  if (found.length === 0) return undefined;
  return `yaml: unmarshal errors:\n${found.map(({ key, line }) => `  line ${line}: key ${JSON.stringify(key)} already set in map`).join('\n')}`;
}
