import { Fault } from './fault.js';

/** One document's text, cut out of a stream. */
export interface Chunk {
  text: string;
  /** How many lines stand before it. */
  line: number;
}

/** Whether kubectl takes a whole stream for JSON: its first character that is no space is `{`. */
export function looksLikeJson(text: string): boolean {
  return /^[\s\u0085]*\{/.test(text.slice(0, 4096)) && text.charCodeAt(0) !== 0xfeff;
}

/**
 * Cuts a stream at lines that begin with `---`, as Kubernetes' own reader does before any YAML is parsed:
 * behind the dashes only a comment may stand. Ends of lines become `\n`.
 * @throws Fault where something else stands behind the dashes; its offset is into the whole text
 */
export function splitDocuments(text: string, maxDocuments: number): Chunk[] {
  const chunks: Chunk[] = [];
  const add = (from: number, to: number, line: number) => {
    const piece = text.slice(from, to);
    if (piece === '') return;
    if (chunks.length >= maxDocuments) throw new Fault('size', `more than ${maxDocuments} documents in one file`, from);
    const unified = piece.includes('\r\n') ? piece.replaceAll('\r\n', '\n') : piece;
    chunks.push({ text: unified.endsWith('\n') ? unified : `${unified}\n`, line });
  };
  let start = 0;
  let startLine = 0;
  let line = 0;
  for (let at = 0; at < text.length; line++) {
    let end = text.indexOf('\n', at);
    if (end < 0) end = text.length;
    if (text.startsWith('---', at)) {
      const rest = text.slice(at + 3, end).trim();
      if (rest !== '' && !rest.startsWith('#')) throw new Fault('syntax', "after '---' only a comment may stand on the line", at);
      // A marker with nothing before it stays with what follows, as an explicit beginning.
      if (at > start) {
        add(start, at, startLine);
        start = end + 1;
        startLine = line + 1;
      }
    }
    at = end + 1;
  }
  add(start, text.length, startLine);
  return chunks;
}
