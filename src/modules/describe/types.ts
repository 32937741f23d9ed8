/**
 * What a function of a module takes and gives, as data. Arguments are checked by it, Lua's names are mapped
 * by it, and the documentation and the annotations for editors are written from it.
 *
 * Names of `object` fields are ours and change with the language (camelCase, snake_case). What is inside
 * `data`, `kubernetes` and the keys of a `record` belongs to somebody else and is never renamed.
 */
export type TypeDescription =
  | { type: 'text' | 'number' | 'integer' | 'boolean' | 'nothing' | 'time' }
  /** `1h30m`, or a number of seconds. */
  | { type: 'duration' }
  /** Text, or bytes where they are no text. */
  | { type: 'bytes' }
  /** Any JSON data. */
  | { type: 'data' }
  /** A Kubernetes object. */
  | { type: 'kubernetes' }
  /** A function of the script. */
  | { type: 'callback' }
  | { type: 'choice'; values: readonly string[] }
  | { type: 'list'; of: TypeDescription }
  | { type: 'record'; of: TypeDescription }
  | { type: 'object'; name?: string; fields: { [name: string]: FieldDescription } }
  | { type: 'any-of'; of: readonly TypeDescription[] };

export interface FieldDescription {
  type: TypeDescription;
  /** May be left out. In results: may be absent. */
  optional?: boolean;
  summary: string;
}

export interface ParameterDescription extends FieldDescription {
  /** In camelCase. */
  name: string;
  /** The last parameter may be given any number of times. */
  repeated?: boolean;
}

export interface FunctionDescription {
  summary: string;
  parameters: readonly ParameterDescription[];
  returns: {
    type: TypeDescription;
    /** May be absent: `undefined`, in Lua `nil`. */
    optional?: boolean;
    summary?: string;
    /**
     * `success`: a report whose `success` says how it ended; Lua gets `true`, or `false` and the reason.
     * Everything else is handed over as it is.
     */
    convention?: 'success';
    /** Names are mapped as the contract of `gitops` has them, also those of fields that are not described. */
    names?: 'contract';
  };
  /** In TypeScript a promise. In Lua every call returns when it is done. */
  async: boolean;
  /** Codes of errors beyond those of wrong arguments. */
  throws?: readonly string[];
}

export interface ModuleDescription<M = { [name: string]: unknown }> {
  summary: string;
  functions: { [K in keyof M & string]: FunctionDescription };
}

const plain = <T extends Exclude<TypeDescription['type'], 'choice' | 'list' | 'record' | 'object' | 'any-of'>>(type: T) =>
  ({ type }) as TypeDescription;

export const text = plain('text');
export const number = plain('number');
export const integer = plain('integer');
export const boolean = plain('boolean');
export const nothing = plain('nothing');
export const duration = plain('duration');
/** RFC 3339 in UTC. */
export const time = plain('time');
export const bytes = plain('bytes');
export const data = plain('data');
export const kubernetes = plain('kubernetes');
export const callback = plain('callback');

export const choice = (...values: string[]): TypeDescription => ({ type: 'choice', values });
export const list = (of: TypeDescription): TypeDescription => ({ type: 'list', of });
export const record = (of: TypeDescription): TypeDescription => ({ type: 'record', of });
export const anyOf = (...of: TypeDescription[]): TypeDescription => ({ type: 'any-of', of });
/** @param name for annotations, in PascalCase */
export const object = (name: string, fields: { [name: string]: FieldDescription }): TypeDescription => ({ type: 'object', name, fields });

export const required = (type: TypeDescription, summary: string): FieldDescription => ({ type, summary });
export const optional = (type: TypeDescription, summary: string): FieldDescription => ({ type, summary, optional: true });

export const parameter = (name: string, type: TypeDescription, summary: string): ParameterDescription => ({ name, type, summary });
export const optionalParameter = (name: string, type: TypeDescription, summary: string): ParameterDescription => ({
  name,
  type,
  summary,
  optional: true,
});
/** The object of options that stands last. */
export const options = (fields: { [name: string]: FieldDescription }): ParameterDescription => ({
  name: 'options',
  type: { type: 'object', fields },
  summary: 'Options',
  optional: true,
});
