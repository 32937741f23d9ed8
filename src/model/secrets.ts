import { createHmac } from 'node:crypto';

/** Cuts the user-info and the values of query parameters out of a URL, wherever one stands in a text. */
export function redactUrls(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@]*@/gi, '$1')
    .replace(/([?&](?:access_token|token|password|secret|key|sig|signature)=)[^&\s"']+/gi, '$1…');
}

/** Replaces every known secret in a text. Secrets under four characters are left: they would blank ordinary text. */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = new Set<string>();
  for (const secret of secrets) {
    if (secret === undefined || secret.length < 4) continue;
    for (const form of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString('base64'),
      ...secret.split('\n').filter((line) => line.length >= 16),
    ])
      forms.add(form);
  }
  const ordered = [...forms].sort((a, b) => b.length - a.length);
  return (text) => redactUrls(ordered.reduce((t, form) => t.split(form).join('•••'), text));
}

/**
 * A mask for a secret value: equal values have equal masks under the same key, and the value cannot be
 * had back, not even by trying (the key is random and is not printed).
 */
export function maskValue(value: string, key: Uint8Array): string {
  return `•••${createHmac('sha256', key).update(value).digest('hex').slice(0, 8)}`;
}
