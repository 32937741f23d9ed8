import { goFacts } from './generated/facts.js';

/** How one field of an API type is read and written as JSON. */
export interface GoField {
  name: string;
  /** Left out of JSON while it holds its zero value. */
  omitEmpty: boolean;
  /** The field's number in protobuf; undefined where it has none of its own. */
  number: number | undefined;
  type: GoType;
}

export type GoType =
  | { kind: 'string' | 'bool' | 'float' | 'bytes' | 'Time' | 'MicroTime' | 'Duration' | 'Quantity' | 'IntOrString' | 'any'; name: string }
  | { kind: 'int'; name: string; bits: 32 | 64 }
  | { kind: 'pointer' | 'list' | 'map'; name: string; of: GoType }
  | { kind: 'struct'; name: string; struct: GoStruct };

export interface GoStruct {
  /** Without its package: `DeploymentSpec`. */
  name: string;
  fields: Map<string, GoField>;
  /** Structures whose fields stand in this one in JSON and are messages of their own in protobuf, by number. */
  embedded: Map<number, string>;
}

let lines: Map<string, string> | undefined;
const structs = new Map<string, GoStruct>();

function lineOf(name: string): string | undefined {
  if (!lines) {
    lines = new Map();
    for (const line of goFacts.split('\n')) {
      const end = /[ =]/.exec(line)?.index ?? line.length;
      lines.set(line.slice(0, end), line.slice(end));
    }
  }
  return lines.get(name);
}

const special = new Set(['bool', 'bytes', 'Time', 'MicroTime', 'Duration', 'Quantity', 'IntOrString', 'any', 'string']);

function goType(text: string): GoType {
  if (text.startsWith('*')) return { kind: 'pointer', name: text, of: goType(text.slice(1)) };
  if (text.startsWith('[]')) {
    const of = goType(text.slice(2));
    return { kind: 'list', name: `[]${of.name}`, of };
  }
  if (text.startsWith('{}')) {
    const of = goType(text.slice(2));
    return { kind: 'map', name: `map[string]${of.name}`, of };
  }
  if (special.has(text))
    return { kind: text as 'string', name: text === 'Time' || text === 'MicroTime' || text === 'Duration' ? `v1.${text}` : text };
  if (/^u?int\d*$|^byte$|^rune$/.test(text)) return { kind: 'int', name: text, bits: text === 'int' || text.endsWith('64') ? 64 : 32 };
  if (text.startsWith('float')) return { kind: 'float', name: text };
  const line = lineOf(text);
  if (line === undefined) return { kind: 'any', name: text };
  const shown = text.replace(/^.*\/([^/]+)$/, '$1');
  if (line.startsWith('=')) {
    const of = goType(line.slice(1));
    return { ...of, name: shown };
  }
  return { kind: 'struct', name: shown, struct: structOf(text, line) };
}

function structOf(name: string, line: string): GoStruct {
  const known = structs.get(name);
  if (known) return known;
  const struct: GoStruct = { name: name.slice(name.lastIndexOf('.') + 1), fields: new Map(), embedded: new Map() };
  structs.set(name, struct);
  for (const field of line.trim().split(' ')) {
    const [, text, number] = /^(.*?)(?:@(\d+))?$/.exec(field) as unknown as [string, string, string | undefined];
    if (text.startsWith('+')) struct.embedded.set(Number(number), text.slice(1));
    const at = text.search(/[?!]/);
    if (at <= 0) continue;
    const json = text.slice(0, at);
    let type: GoType | undefined;
    const omitEmpty = text[at] === '?';
    struct.fields.set(json, {
      name: json,
      omitEmpty,
      number: number === undefined ? undefined : Number(number),
      // Types refer to each other in circles, so a field's type is read when it is first asked for.
      get type() {
        type ??= goType(text.slice(at + 1));
        return type;
      },
    });
  }
  return struct;
}

const packages: { [group: string]: string } = {
  '': 'core',
  'admissionregistration.k8s.io': 'admissionregistration',
  'apiextensions.k8s.io': 'apiextensions',
  'authentication.k8s.io': 'authentication',
  'authorization.k8s.io': 'authorization',
  'certificates.k8s.io': 'certificates',
  'coordination.k8s.io': 'coordination',
  'discovery.k8s.io': 'discovery',
  'events.k8s.io': 'events',
  'flowcontrol.apiserver.k8s.io': 'flowcontrol',
  'internal.apiserver.k8s.io': 'apiserverinternal',
  'networking.k8s.io': 'networking',
  'node.k8s.io': 'node',
  'rbac.authorization.k8s.io': 'rbac',
  'resource.k8s.io': 'resource',
  'scheduling.k8s.io': 'scheduling',
  'storage.k8s.io': 'storage',
  'storagemigration.k8s.io': 'storagemigration',
};

/** The struct that a kind is decoded into; undefined for custom resources and kinds without published declarations. */
export function kindStruct(group: string, version: string, kind: string): GoStruct | undefined {
  return namedStruct(`${packages[group] ?? group}/${version}.${kind}`);
}

/** A struct by package and name: `meta/v1.DeleteOptions`. */
export function namedStruct(name: string): GoStruct | undefined {
  const line = lineOf(name);
  return line === undefined || line.startsWith('=') ? undefined : structOf(name, line);
}
