import { failure } from '../errors.js';

type Test = (labels: ReadonlyMap<string, string>) => boolean;

/**
 * Reads a selector as Kubernetes writes it: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1`.
 * @throws EvenkeelError KUSTOMIZE_INVALID
 */
export function parseLabelSelector(text: string): Test {
  const tokens = tokenize(text);
  const tests: Test[] = [];
  let at = 0;
  const peek = () => tokens[at] ?? '';
  const take = () => tokens[at++] ?? '';
  const fail = (found: string) =>
    failure('KUSTOMIZE_INVALID', `unable to parse the selector "${text}": found '${found === '' ? 'the end' : found}'`, {
      hint: 'A selector is written like app=web,tier in (a,b),!old.',
    });
  while (at < tokens.length) {
    const negated = peek() === '!';
    if (negated) take();
    const key = take();
    if (!isWord(key)) throw fail(key);
    const operator = peek();
    if (negated || operator === '' || operator === ',') tests.push((labels) => labels.has(key) !== negated);
    else {
      take();
      tests.push(readTest(key, operator));
    }
    if (at < tokens.length) {
      const comma = take();
      if (comma !== ',' || at >= tokens.length) throw fail(comma === ',' ? '' : comma);
    }
  }
  return (labels) => tests.every((test) => test(labels));

  function readTest(key: string, operator: string): Test {
    switch (operator) {
      case '=':
      case '==': {
        const value = readValue();
        return (labels) => labels.get(key) === value;
      }
      case '!=': {
        const value = readValue();
        return (labels) => labels.get(key) !== value;
      }
      case 'in':
      case 'notin': {
        const values = readValues();
        const wanted = operator === 'in';
        return (labels) => (labels.has(key) ? values.includes(labels.get(key) as string) === wanted : !wanted);
      }
      case '<':
      case '>': {
        const limit = take();
        if (!/^-?[0-9]+$/.test(limit)) throw fail(limit);
        return (labels) => {
          const value = labels.get(key);
          if (value === undefined || !/^-?[0-9]+$/.test(value)) return false;
          return operator === '<' ? BigInt(value) < BigInt(limit) : BigInt(value) > BigInt(limit);
        };
      }
      default:
        throw fail(operator);
    }
  }

  /** Nothing stands for the empty value. */
  function readValue(): string {
    const next = peek();
    if (next === '' || next === ',') return '';
    const value = take();
    if (!isWord(value)) throw fail(value);
    return value;
  }

  function readValues(): string[] {
    const open = take();
    if (open !== '(') throw fail(open);
    const values: string[] = [];
    for (;;) {
      const value = peek() === ',' || peek() === ')' ? '' : take();
      if (value !== '' && !isWord(value)) throw fail(value);
      values.push(value);
      const next = take();
      if (next === ')') return values;
      if (next !== ',') throw fail(next);
    }
  }
}

function isWord(token: string): boolean {
  return token !== '' && !/^[!=<>(),]/.test(token);
}

function tokenize(text: string): string[] {
  return text.match(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g) ?? [];
}
