import { StringDecoder } from 'node:string_decoder';

/** A line that is longer is passed on in pieces. */
const MAX_LINE = 64 * 1024;
/** What stays back of a piece, so that a secret at its end is not cut in two. */
const OVERLAP = 4 * 1024;

/** Bytes as they come in, lines as they go out, without their ends. A carriage return begins a line anew, as on a terminal. */
export function lineSplitter(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const take = (text: string) => {
    rest += text;
    let from = 0;
    for (let at = rest.indexOf('\n'); at >= 0; at = rest.indexOf('\n', from)) {
      onLine(lastState(rest.slice(from, at)));
      from = at + 1;
    }
    rest = rest.slice(from);
    while (rest.length > MAX_LINE) {
      onLine(rest.slice(0, MAX_LINE - OVERLAP));
      rest = rest.slice(MAX_LINE - OVERLAP);
    }
  };
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end() {
      take(decoder.end());
      if (rest !== '') onLine(lastState(rest));
      rest = '';
    },
  };
}

function lastState(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1);
}
