import { EvenkeelError } from '../../model/index.js';

type Fields = { [key: string]: unknown };

/** Reads typed fields of a part of a kubeconfig; what is absent, null or '' is undefined, what is of the wrong type an error. */
export interface Reader {
  text(key: string): string | undefined;
  flag(key: string): boolean;
  texts(key: string): string[];
  part(key: string): Reader | undefined;
  parts(key: string): Reader[];
  raw(key: string): unknown;
  keys(): string[];
  readonly at: string;
  fail(message: string, field?: string): EvenkeelError;
}

export function reader(value: unknown, file: string, at = ''): Reader {
  const fail = (message: string, field = at) =>
    new EvenkeelError('KUBE_CONFIG_INVALID', `The kubeconfig ${file} is not valid: ${message}`, {
      where: { file, ...(field === '' ? {} : { field }) },
      hint: 'Correct the file; "kubectl config view" reads it by the same rules.',
    });
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw fail(`${at || 'it'} is not a mapping`);
  const fields = value as Fields;
  const path = (key: string) => (at === '' ? key : `${at}.${key}`);
  const own = (key: string) => (Object.hasOwn(fields, key) ? (fields[key] ?? undefined) : undefined);
  const wrong = (key: string, expected: string) => fail(`${path(key)} is not ${expected}`, path(key));
  const array = (key: string): unknown[] => {
    const found = own(key);
    if (found !== undefined && !Array.isArray(found)) throw wrong(key, 'a list');
    return (found as unknown[] | undefined) ?? [];
  };
  return {
    at,
    fail,
    raw: own,
    keys: () => Object.keys(fields),
    text(key) {
      const found = own(key);
      if (found !== undefined && typeof found !== 'string') throw wrong(key, 'text (put it in quotes)');
      return found === '' ? undefined : found;
    },
    flag(key) {
      const found = own(key);
      if (found !== undefined && typeof found !== 'boolean') throw wrong(key, 'true or false');
      return found ?? false;
    },
    texts: (key) =>
      array(key).map((item) => {
        if (typeof item !== 'string') throw wrong(key, 'a list of texts');
        return item;
      }),
    part(key) {
      const found = own(key);
      return found === undefined ? undefined : reader(found, file, path(key));
    },
    parts: (key) => array(key).map((item, i) => reader(item, file, `${path(key)}[${i}]`)),
  };
}
