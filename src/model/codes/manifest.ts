import type { CodeFacts } from '../errors.js';

export const manifestCodes = {
  FIELDS_INVALID: { class: 'environment', summary: 'metadata.managedFields of an object does not follow the fieldsV1 format.' },
  MANIFEST_YAML_INVALID: { class: 'input', summary: 'A file is not the YAML that Kubernetes reads.' },
  MANIFEST_JSON_INVALID: { class: 'input', summary: 'A file begins like JSON but is not.' },
  MANIFEST_TEMPLATE: { class: 'input', summary: 'A file holds template braces that nothing has rendered.' },
  MANIFEST_TOO_DEEP: { class: 'input', summary: 'A document is nested deeper than any Kubernetes object.' },
  MANIFEST_ALIASES: { class: 'input', summary: 'A YAML document multiplies itself through aliases out of all proportion.' },
  MANIFEST_TOO_LARGE: { class: 'input', summary: 'A file, the number of its documents, or all files together are beyond the limits.' },
  MANIFEST_NOT_UTF8: { class: 'input', summary: 'A manifest file is not UTF-8 text.' },
  MANIFEST_NOT_OBJECT: { class: 'input', summary: 'A document is not a Kubernetes object: not a mapping, or without apiVersion or kind.' },
  MANIFEST_METADATA_INVALID: { class: 'input', summary: 'Metadata of an object is missing or has values of the wrong type.' },
  MANIFEST_NAME_INVALID: { class: 'input', summary: 'An object has a name or namespace that Kubernetes would refuse.' },
  MANIFEST_PATH_NOT_FOUND: { class: 'input', summary: 'The path of the manifests does not exist in the revision.' },
  MANIFEST_LINK_OUTSIDE: { class: 'input', summary: 'A symbolic link leads out of the repository.' },
  MANIFEST_LINK_BROKEN: { class: 'input', summary: 'A symbolic link leads nowhere or in a circle.' },
  MANIFEST_GLOB_INVALID: { class: 'input', summary: 'A pattern of files to include or exclude is not a valid glob.' },
  MANIFEST_DUPLICATE: { class: 'input', summary: 'The same object is written in two places.' },
  MANIFEST_UNKNOWN_KIND: { class: 'input', summary: 'The cluster does not serve a kind and no manifest defines it.' },
} satisfies Record<string, CodeFacts>;
