// Writes values as YAML in one of many styles. `raw()` stands for a scalar that is written as it is.

export const raw = (text) => ({ $raw: text });

const plain = /^[A-Za-z_/][A-Za-z0-9_./-]*$/;
const words = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

function scalar(value, random) {
  if (value === null) return random.pick(['null', '~', '']);
  if (typeof value === 'object' && '$raw' in value) return value.$raw;
  if (typeof value !== 'string') return String(value);
  if (plain.test(value) && !words.test(value) && random.chance(0.8)) return value;
  if (!/[\n\t\\\u0080-\uffff]/.test(value) && random.chance(0.4)) return `'${value.replaceAll("'", "''")}'`;
  return JSON.stringify(value);
}

export function yaml(value, random, pad = '') {
  if (value === null || typeof value !== 'object' || '$raw' in value) return `${scalar(value, random)}\n`;
  return block(value, random, pad);
}

function isLeaf(value) {
  return value === null || typeof value !== 'object' || '$raw' in value || Object.keys(value).length === 0;
}

function leaf(value, random) {
  if (value !== null && typeof value === 'object' && !('$raw' in value)) return Array.isArray(value) ? '[]' : '{}';
  return scalar(value, random);
}

function flow(value, random) {
  if (isLeaf(value)) return leaf(value, random) || 'null';
  if (Array.isArray(value)) return `[${value.map((item) => flow(item, random)).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${scalar(key, random)}: ${flow(item, random)}`)
    .join(', ')}}`;
}

function block(value, random, pad) {
  let out = '';
  if (Array.isArray(value)) {
    for (const item of value) {
      if (isLeaf(item)) out += `${pad}- ${leaf(item, random)}\n`;
      else if (!hasText(item) && random.chance(0.1)) out += `${pad}- ${flow(item, random)}\n`;
      else {
        const inner = block(item, random, `${pad}  `);
        out += `${pad}- ${inner.slice(pad.length + 2)}`;
      }
    }
    return out;
  }
  for (const [key, item] of Object.entries(value)) {
    const head = `${pad}${scalar(key, random)}:`;
    if (isLeaf(item)) {
      if (typeof item === 'string' && item.includes('\n') && !/^[ \n\t]|[ \t]$|[ \t]\n|[\u0080-\uffff]/.test(item))
        out += literal(head, item, pad);
      else out += `${`${head} ${leaf(item, random)}`.trimEnd()}${random.chance(0.02) ? ' # note' : ''}\n`;
    } else if (!hasText(item) && random.chance(0.08)) out += `${head} ${flow(item, random)}\n`;
    else if (Array.isArray(item)) out += `${head}\n${block(item, random, random.chance(0.5) ? pad : `${pad}  `)}`;
    else out += `${head}\n${block(item, random, `${pad}  `)}`;
  }
  return out;
}

function hasText(value) {
  return /\n/.test(JSON.stringify(value).replaceAll('\\n', '\n'));
}

function literal(head, text, pad) {
  const chomp = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const body = text.endsWith('\n') ? text.slice(0, -1) : text;
  return `${head} |${chomp}\n${body
    .split('\n')
    .map((line) => (line === '' ? '' : `${pad}  ${line}`))
    .join('\n')}\n`;
}
