import { EvenkeelError } from '../../model/index.js';
import type { User } from './types.js';

export type TokenUser = User;

/**
 * Reads a token file as kube-apiserver's --token-auth-file has it: token,user,uid,"group1,group2".
 * Lines without a token are left out; of a token that comes twice the last line counts.
 * @throws EvenkeelError SANDBOX_TOKENS_INVALID with the line
 */
export function parseTokens(text: string): Map<string, TokenUser> {
  const users = new Map<string, TokenUser>();
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    const fields = csv(line);
    const [token, name, uid, groups] = fields ?? [];
    if (token === '' && fields && fields.length >= 3) return;
    if (fields === undefined || token === undefined || !name || uid === undefined)
      throw new EvenkeelError(
        'SANDBOX_TOKENS_INVALID',
        `line ${i + 1} of the token file is not token,user,uid,"groups"${fields && fields.length < 3 ? `: it has ${fields.length} of at least 3 columns` : ''}`,
        {
          where: { line: i + 1 },
          hint: 'Write each line as: token,user,uid,"group1,group2". The groups may be left out.',
        },
      );
    users.set(token, {
      name,
      uid,
      groups: groups
        ? groups
            .split(',')
            .map((g) => g.trim())
            .filter(Boolean)
        : [],
    });
  });
  return users;
}

/** The fields of one CSV line, or undefined where a quote is not closed. */
function csv(line: string): string[] | undefined {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    while (line[at] === ' ') at++;
    if (line[at] === '"') {
      let field = '';
      for (at++; line[at] !== '"' || line[at + 1] === '"'; at++) {
        if (at >= line.length) return undefined;
        if (line[at] === '"') at++;
        field += line[at];
      }
      fields.push(field);
      at++;
      while (line[at] === ' ') at++;
    } else {
      const end = line.indexOf(',', at);
      fields.push(line.slice(at, end < 0 ? undefined : end).trim());
      at = end < 0 ? line.length : end;
    }
    if (at >= line.length) return fields;
    if (line[at] !== ',') return undefined;
    at++;
  }
}
