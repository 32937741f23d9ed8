import { redactor, type redactUrls } from '../../model/index.js';

/** Keeps secrets out of text. */
export interface Masker {
  /** From now on this text is masked, in the encodings that tools print too. Under four characters it is left. */
  add(secret: string | undefined): void;
  text: typeof redactUrls;
  /** A copy of JSON-like data with all its texts masked; what is no data becomes text. */
  data(value: unknown): unknown;
}

/** Names of environment variables whose values are taken for secrets. */
const secretName = /(^|_)(TOKEN|SECRET|SECRETS|PASSWORD|PASSWD|PASSPHRASE|PWD|KEY|APIKEY|CREDENTIAL|CREDENTIALS|AUTH|PAT|DSN)(_|$)/i;
/** Names among them that hold paths and the like. */
const harmlessName = /^(PWD|OLDPWD|SSH_AUTH_SOCK|GPG_KEY|XAUTHORITY)$|(_FILE|_PATH|_DIR)$/i;
const MAX_DEPTH = 60;
/** Lists and objects of one value that are copied: more is not for printing. */
const MAX_OBJECTS = 100_000;

export function createMasker(secrets: readonly string[] = []): Masker {
  const known = new Set(secrets);
  let redact: ((text: string) => string) | undefined;
  const text = (value: string) => {
    redact ??= redactor([...known]);
    return redact(value);
  };
  const data = (value: unknown, about: { above: readonly object[]; left: number }): unknown => {
    if (typeof value === 'string') return text(value);
    if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
      return value;
    if (typeof value !== 'object') return `a ${typeof value}`;
    if (about.above.length > MAX_DEPTH || about.above.includes(value) || about.left <= 0) return '…';
    about.left--;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (value instanceof Error) return text(value.message);
    if (value instanceof Uint8Array) return text(Buffer.from(value).toString('base64'));
    const within = (member: unknown): unknown => {
      const below = { above: [...about.above, value], left: about.left };
      const copy = data(member, below);
      about.left = below.left;
      return copy;
    };
    if (Array.isArray(value)) return value.map(within);
    if (value instanceof Set) return [...value].map(within);
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return Object.fromEntries(entries.map(([name, member]) => [text(String(name)), within(member)]));
  };
  return {
    add(secret) {
      if (secret === undefined || secret.length < 4 || known.has(secret)) return;
      known.add(secret);
      redact = undefined;
    },
    text,
    data: (value) => data(value, { above: [], left: MAX_OBJECTS }),
  };
}

/** What an environment holds that its names call secret. What is shorter than six characters is left: it would blank ordinary text. */
export function secretsOf(env: { readonly [name: string]: string | undefined }): string[] {
  return Object.entries(env)
    .filter(([name, value]) => value !== undefined && value.length >= 6 && secretName.test(name) && !harmlessName.test(name))
    .map(([, value]) => value as string);
}
