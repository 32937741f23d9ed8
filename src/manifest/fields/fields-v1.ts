import { EvenkeelError, type Json } from '../../model/index.js';
import { parseElement } from './element.js';
import { emptyFieldSet, type FieldNode, type FieldSet, type FieldSetBuilder, sortedElements } from './set.js';

export type FieldsV1 = { [key: string]: Json };

const parsed = new WeakMap<object, FieldSet>();
const written = new WeakMap<FieldSet, FieldsV1>();

/**
 * Reads `fieldsV1` of a managedFields entry. The answer is remembered by the object's identity: a fieldsV1
 * object must not be changed after it was read.
 * @throws EvenkeelError FIELDS_INVALID
 */
export function parseFields(fields: FieldsV1 | undefined): FieldSet {
  if (fields === undefined || fields === null) return emptyFieldSet;
  let set = parsed.get(fields);
  if (set === undefined) {
    set = readSet(fields) ?? emptyFieldSet;
    parsed.set(fields, set);
    // Only what is canonical may stand for the set when it is written.
    if (!written.has(set) && isCanonical(fields, set)) written.set(set, fields);
  }
  return set;
}

function readSet(fields: unknown): FieldSetBuilder | undefined {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields))
    throw new EvenkeelError('FIELDS_INVALID', 'fieldsV1 of a managedFields entry holds something that is not an object', {
      hint: 'Reset metadata.managedFields of the object with an empty list.',
    });
  let set: FieldSetBuilder | undefined;
  for (const key of Object.keys(fields)) {
    if (key === '.') continue;
    const element = parseElement(key);
    if (element === undefined) continue;
    const value = (fields as FieldsV1)[key];
    const children = readSet(value);
    const member = children === undefined || Object.hasOwn(value as object, '.');
    set ??= new Map();
    const known = set.get(element);
    if (known === undefined) set.set(element, { member, children });
    else set.set(element, { member: known.member || member, children: children ?? known.children });
  }
  return set;
}

/** Whether the object is what writeFields would make of the set. */
function isCanonical(fields: FieldsV1, set: FieldSet): boolean {
  const keys = Object.keys(fields);
  if (keys[0] === '.') keys.shift();
  if (keys.length !== set.size) return false;
  const elements = sortedElements(set);
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] !== elements[i]) return false;
    const value = fields[keys[i] as string] as FieldsV1;
    const node = set.get(elements[i] as string) as FieldNode;
    const first = Object.keys(value)[0];
    if (node.children === undefined) {
      if (first !== undefined) return false;
    } else if (
      (first === '.') !== node.member ||
      (node.member && Object.keys(value['.'] as object).length > 0) ||
      !isCanonical(value, node.children)
    )
      return false;
  }
  return true;
}

/**
 * Writes a set as `fieldsV1`, its keys in upstream's order, `.` first. The same set gives the same object,
 * which must not be changed.
 */
export function writeFields(set: FieldSet): FieldsV1 {
  let fields = written.get(set);
  if (fields === undefined) {
    fields = writeSet(set, false);
    written.set(set, fields);
    parsed.set(fields, set);
  }
  return fields;
}

function writeSet(set: FieldSet, self: boolean): FieldsV1 {
  const out: FieldsV1 = {};
  if (self) out['.'] = {};
  for (const element of sortedElements(set)) {
    const node = set.get(element) as FieldNode;
    out[element] = node.children === undefined ? {} : writeSet(node.children, node.member);
  }
  return out;
}
