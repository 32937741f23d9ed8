import { describe, expect, it } from 'vitest';
import { parseTokens } from './tokens.js';

describe('token files', () => {
  it('reads users and quoted groups', () => {
    const users = parseTokens('admintoken,admin,1,"system:masters,dev"\n\n# note\nviewer,v,2\n');
    expect(users.get('admintoken')).toEqual({ name: 'admin', uid: '1', groups: ['system:masters', 'dev'] });
    expect(users.get('viewer')).toEqual({ name: 'v', uid: '2', groups: [] });
  });
  it.each(['only', 'a,b', 'a,b,c,"open'])('refuses %j and names its line', (line) =>
    expect(() => parseTokens(`ok,a,b\n${line}`)).toThrow(
      expect.objectContaining({ code: 'SANDBOX_TOKENS_INVALID', where: { line: 2 } }) as Error,
    ),
  );
});
