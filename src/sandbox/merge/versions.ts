import type { TypeSchema } from '../../manifest/index.js';
import type { KubeObject } from '../../model/index.js';
import { parseApiVersion } from '../../model/index.js';
import { type Atom, atomOf } from './atom.js';

/** An object in one version of its kind, with what that version's schema says. */
export interface Versioned {
  readonly value: unknown;
  readonly atom: Atom;
  readonly apiVersion: string;
}

/**
 * The object as another version of its kind writes it, or undefined where that version is not known (any
 * more): its managers are then forgotten.
 */
export type ConvertVersion = (object: KubeObject, apiVersion: string) => { object: KubeObject; schema: TypeSchema | undefined } | undefined;

/** Turns values into other versions. Without a conversion, all versions of the group have the same fields. */
export type Converter = (from: Versioned, apiVersion: string) => Versioned | undefined;

export function converter(convert: ConvertVersion | undefined): Converter {
  return (from, apiVersion) => {
    if (from.apiVersion === apiVersion) return from;
    if (convert !== undefined) {
      const found = convert(from.value as KubeObject, apiVersion);
      return found && { value: found.object, atom: atomOf(found.schema), apiVersion };
    }
    if (parseApiVersion(from.apiVersion).group !== parseApiVersion(apiVersion).group) return undefined;
    return { ...from, apiVersion };
  };
}
