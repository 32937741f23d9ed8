import { within } from '../errors.js';
import { type FieldSpec, mergeReferences, mergeSpecs, type NameReference, sortByKind } from './field-spec.js';

/** Which fields each transformer works on. */
export interface TransformerConfig {
  namePrefix: FieldSpec[];
  nameSuffix: FieldSpec[];
  namespace: FieldSpec[];
  commonLabels: FieldSpec[];
  labels: FieldSpec[];
  templateLabels: FieldSpec[];
  commonAnnotations: FieldSpec[];
  nameReference: NameReference[];
  varReference: FieldSpec[];
  images: FieldSpec[];
  replicas: FieldSpec[];
}

export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  commonAnnotations: [],
  nameReference: [],
  varReference: [],
  images: [],
  replicas: [],
};

const fields = Object.keys(emptyConfig).filter((name) => name !== 'nameReference') as Exclude<keyof TransformerConfig, 'nameReference'>[];

export function sortConfig(config: TransformerConfig): TransformerConfig {
  const sorted = { ...config, nameReference: sortByKind(config.nameReference) };
  for (const field of fields) sorted[field] = sortByKind(config[field]);
  return sorted;
}

/** @throws EvenkeelError KUSTOMIZE_INVALID where the two disagree about a field */
export function mergeConfig(config: TransformerConfig, added: Partial<TransformerConfig>): TransformerConfig {
  if (config === added) return config;
  const merged = { ...config, nameReference: mergeReferences(config.nameReference, added.nameReference ?? []) };
  for (const field of fields) merged[field] = within({ field }, () => mergeSpecs(config[field], added[field] ?? []));
  return sortConfig(merged);
}
