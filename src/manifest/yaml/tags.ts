import { hexValue, isBlankOrEnd, isWord } from './chars.js';
import { Fault } from './fault.js';
import type { Cursor } from './scanner.js';

const uriCharacters = new Set([...";/?:@&=+$.!~*'()%,[]"].map((c) => c.charCodeAt(0)));
const standardPrefix = 'tag:yaml.org,2002:';

function readUri(cursor: Cursor): string {
  const { text } = cursor;
  const bytes: number[] = [];
  const start = cursor.at;
  let escaped = false;
  for (let c = text.charCodeAt(cursor.at); isWord(c) || uriCharacters.has(c); c = text.charCodeAt(cursor.at)) {
    if (c === 37) {
      const high = hexValue(text.charCodeAt(cursor.at + 1));
      const low = hexValue(text.charCodeAt(cursor.at + 2));
      if (high < 0 || low < 0) throw new Fault('syntax', 'a tag holds a % that two hexadecimal digits do not follow', cursor.at);
      bytes.push(high * 16 + low);
      escaped = true;
      cursor.at += 3;
    } else {
      bytes.push(c);
      cursor.at++;
    }
  }
  return escaped ? Buffer.from(bytes).toString('utf8') : text.slice(start, cursor.at);
}

/**
 * Reads a tag and resolves its handle: `!!str` is `tag:yaml.org,2002:str`, `!x` stays `!x`, a lone `!` is `!`.
 * Handles that a directive would have to declare are unknown: kubectl never sees a document's directives.
 */
export function scanTag(cursor: Cursor): string {
  const { text } = cursor;
  const start = cursor.at;
  let tag: string;
  if (text.charAt(start + 1) === '<') {
    cursor.at += 2;
    tag = readUri(cursor);
    if (tag === '' || text.charAt(cursor.at) !== '>') throw new Fault('syntax', 'a tag that begins with !< does not end in >', start);
    cursor.at++;
  } else {
    let at = start + 1;
    while (isWord(text.charCodeAt(at))) at++;
    if (text.charAt(at) === '!') {
      const handle = text.slice(start, at + 1);
      cursor.at = at + 1;
      const suffix = readUri(cursor);
      if (suffix === '') throw new Fault('syntax', `nothing follows the tag handle ${handle}`, start);
      if (handle !== '!!') throw new Fault('syntax', `the tag handle ${handle} is not defined`, start);
      tag = standardPrefix + suffix;
    } else {
      cursor.at = start + 1;
      tag = `!${readUri(cursor)}`;
    }
  }
  if (!isBlankOrEnd(text.charCodeAt(cursor.at))) throw new Fault('syntax', 'a space or a new line must follow a tag', cursor.at);
  return tag;
}
