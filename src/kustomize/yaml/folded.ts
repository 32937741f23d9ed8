/**
 * A folded text after it was written and read once more, as Kustomize does on the way: go-yaml puts an empty line
 * too many before a line that is indented further, and one too few where the text begins with a blank.
 */
export function foldedAgain(text: string): string {
  if (!text.includes('\n') || / \n|[^\n\x20-\ud7ff\ue000-\ufffd]/.test(text) || text.endsWith(' ')) return text;
  return read(write(text), text);
}

const isBlank = (c: string | undefined) => c === ' ' || c === '\t';

function write(text: string): string {
  const first = /[^\n]/.exec(text)?.index ?? text.length;
  const separates = first < text.length && !isBlank(text[first]);
  let out = '';
  let broken = true;
  let indented = true;
  for (const c of text) {
    if (c === '\n') {
      if (!broken && !indented && separates) out += '\n';
      out += '\n';
      broken = true;
      continue;
    }
    if (broken) indented = isBlank(c);
    out += c;
    broken = false;
  }
  return out;
}

function read(written: string, text: string): string {
  const body = written.replace(/\n+$/, '');
  let out = '';
  let breaks = 0;
  let before: string | undefined;
  for (const line of body.split('\n')) {
    if (line === '') {
      breaks++;
      continue;
    }
    if (before === undefined) out += '\n'.repeat(breaks);
    else {
      const folds = !isBlank(before[0]) && !isBlank(line[0]);
      out += folds ? (breaks === 0 ? ' ' : '\n'.repeat(breaks)) : '\n'.repeat(breaks + 1);
    }
    out += line;
    before = line;
    breaks = 0;
  }
  // The end is kept (`>+`), clipped to one line break (`>`) or cut off (`>-`), as the text asks for it.
  if (!text.endsWith('\n')) return out;
  return text.endsWith('\n\n') ? out + '\n'.repeat(written.length - body.length) : `${out}\n`;
}
