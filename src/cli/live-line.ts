import { type Terminal, width } from './output.js';

/** A last line that is written over, below lines that stay. On anything but a terminal only lines that stay are written. */
export interface LiveLine {
  /** A line that stays. */
  print(text: string): void;
  /** The last line; '' takes it away. */
  update(text: string): void;
  end(): void;
}

export function liveLine(terminal: Terminal): LiveLine {
  if (!terminal.live) return { print: (text) => terminal.out(text), update: () => {}, end: () => {} };
  let shown = '';
  const clear = () => {
    if (shown !== '') terminal.raw('\r\u001b[2K');
  };
  const draw = () => {
    if (shown !== '') terminal.raw(cut(shown, terminal.columns - 1));
  };
  return {
    print(text) {
      clear();
      terminal.out(text);
      draw();
    },
    update(text) {
      clear();
      shown = text;
      draw();
    },
    end() {
      clear();
      shown = '';
    },
  };
}

/** A text of one line, cut to so many columns. */
export function cut(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let out = '';
  let used = 0;
  // Colour sequences are kept whole; they take no room.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour sequences
  for (const part of text.split(/(\u001b\[[0-9;]*m)/)) {
    if (part.startsWith('\u001b[')) out += part;
    else
      for (const c of part) {
        if (used >= columns - 1) continue;
        out += c;
        used++;
      }
  }
  return `${out}…`;
}

/** `████░░░░ 12/40` */
export function bar(done: number, total: number, length = 20): string {
  const full = total === 0 ? length : Math.round((done / total) * length);
  return `${'█'.repeat(full)}${'░'.repeat(length - full)} ${done}/${total}`;
}
