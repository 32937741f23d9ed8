/** What a module asks for, and on which line. A specifier that is computed is not listed. */
export interface Import {
  specifier: string;
  line: number;
}

/** All imports, re-exports, dynamic imports and requires of a TypeScript source, types included, by line. */
export function importsOf(source: string): Import[] {
  const made = [...source.matchAll(/\b(\w+) = createRequire\(/g)].map((match) => match[1] as string);
  const calls = `(?:import|require|require\\.resolve${made.map((name) => `|${name}|${name}\\.resolve`).join('')})`;
  const asks = new RegExp(`(?<![\\w$.])(?:from|import|${calls}\\s*\\()\\s*$`);
  const code = blank(source, asks);
  const patterns = [
    /(?<![\w$.])(?:import|export)\b[^'"`;()=]*?\bfrom\s*(['"])([^'"\n]+)\1/g,
    /(?<![\w$.])import\s*(['"])([^'"\n]+)\1/g,
    new RegExp(`(?<![\\w$.])${calls}\\s*\\(\\s*(['"])([^'"\\n]+)\\1`, 'g'),
  ];
  const found = patterns.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => ({
      specifier: match[2] as string,
      line: code.slice(0, match.index + match[0].lastIndexOf(match[2] as string)).split('\n').length,
    })),
  );
  return found.sort((a, b) => a.line - b.line || (a.specifier < b.specifier ? -1 : 1));
}

/** The source with comments, templates, regular expressions and all strings blanked that do not follow what `asks`. Lines stay. */
function blank(source: string, asks: RegExp): string {
  let out = '';
  let at = 0;
  /** For each open `${`, how many braces are open within it. */
  const templates: number[] = [];
  const hide = (end: number) => {
    out += source.slice(at, end).replace(/[^\n]/g, ' ');
    at = end;
  };
  const template = () => {
    const end = endOfTemplateText(source, at);
    if (source.startsWith('${', end)) templates.push(0);
    hide(source[end] === '`' ? end + 1 : Math.min(end + 2, source.length));
  };
  while (at < source.length) {
    const c = source[at] as string;
    const pair = source.slice(at, at + 2);
    if (pair === '//') hide(endOf(source, '\n', at));
    else if (pair === '/*') hide(Math.min(endOf(source, '*/', at + 2) + 2, source.length));
    else if (c === '/' && opensRegExp(out)) hide(matchEnd(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*\/|\//y, source, at));
    else if (c === "'" || c === '"') {
      const end = matchEnd(c === "'" ? /'(?:\\[\s\S]|[^'\\\n])*'?/y : /"(?:\\[\s\S]|[^"\\\n])*"?/y, source, at);
      // Specifiers are short: looking at the last characters only keeps this linear.
      if (asks.test(out.slice(-80))) {
        out += source.slice(at, end);
        at = end;
      } else {
        out += c;
        at++;
        hide(end - 1);
        out += source.slice(at, end);
        at = end;
      }
    } else if (c === '`') {
      hide(at + 1);
      template();
    } else if (c === '}' && templates.at(-1) === 0) {
      templates.pop();
      hide(at + 1);
      template();
    } else {
      const open = templates.length - 1;
      if (open >= 0 && (c === '{' || c === '}')) templates[open] = (templates[open] as number) + (c === '{' ? 1 : -1);
      out += c;
      at++;
    }
  }
  return out;
}

function endOf(source: string, mark: string, from: number): number {
  const end = source.indexOf(mark, from);
  return end < 0 ? source.length : end;
}

function endOfTemplateText(source: string, from: number): number {
  return matchEnd(/(?:\\[\s\S]|\$(?!\{)|[^`\\$])*/y, source, from);
}

function matchEnd(pattern: RegExp, source: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(source);
  return Math.max(pattern.lastIndex, at);
}

/** A slash divides after a value and opens a regular expression after anything else. */
function opensRegExp(before: string): boolean {
  const text = before.slice(-200).trimEnd();
  if (/(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|await|yield|instanceof)$/.test(text)) return true;
  return !/[\w$)\]}'"]$/.test(text);
}
