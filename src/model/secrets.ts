import { createHmac } from 'node:crypto';

/** Cuts the user-info and the values of query parameters that name a secret out of a URL, wherever one stands in a text. */
export function redactUrls(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]{0,30}:\/\/)[^/?#\s"<>]*@/gi, '$1')
    .replace(/([?&][a-z0-9_.-]{0,40}(?:token|password|passwd|secret|key|sig|signature|credential|auth)=)[^&\s"']+/gi, '$1…');
}

/**
 * Replaces every known secret in a text, as it is and in the encodings that tools print: percent, JSON and
 * base64, also within a longer base64 text such as a basic authorization. Secrets under four characters are
 * left: they would blank ordinary text.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === undefined || secret.length < 4) continue;
    const bytes = Buffer.from(secret);
    for (const form of [
      secret,
      // Through bytes, because half a surrogate pair cannot be percent-encoded.
      encodeURIComponent(bytes.toString()),
      JSON.stringify(secret).slice(1, -1),
      bytes.toString('base64'),
      ...[0, 1, 2].map((before) => base64Within(bytes, before)).filter((part) => part.length >= 8),
      ...secret.split(/[\r\n]+/).filter((line) => line.length >= 16),
    ]) {
      forms.add(form);
      forms.add(form.replaceAll('+', '-').replaceAll('/', '_'));
    }
  }
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => redactUrls(ordered.reduce((t, form) => t.split(form).join('•••'), text));
}

/** The characters that stand for these bytes alone where `before` bytes (modulo 3) precede them in base64. */
function base64Within(bytes: Buffer, before: number): string {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
}

/**
 * A mask for a secret value: equal values have equal masks under the same key, and the value cannot be
 * had back, not even by trying (the key is random and is not printed).
 */
export function maskValue(value: string, key: Uint8Array): string {
  return `•••${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)}`;
}
