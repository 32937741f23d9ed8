import { EvenkeelError, type KubeObject, type Manifest, nearest, printable } from '../model/index.js';

/** How much of a value from Git an error repeats. */
const shown = 80;

/** The error for an annotation (or label) whose value nobody knows: file, line, and the value that was probably meant. */
export function invalidAnnotation(
  { object, source }: Manifest,
  name: string,
  { value, known, field = 'annotations' }: { value: string; known: readonly string[]; field?: 'annotations' | 'labels' },
): EvenkeelError {
  const near = nearest(value, known);
  const what = field === 'labels' ? 'label' : 'annotation';
  return new EvenkeelError(
    'COMPARE_ANNOTATION_INVALID',
    `${what} ${name} of ${nameOf(object)} has the unknown value "${printable(value.slice(0, shown))}"`,
    {
      where: { ...source, field: `metadata.${field}["${name}"]` },
      hint:
        near !== undefined
          ? `Did you mean "${near}"?`
          : known.length > 0
            ? `Known values: ${known.join(', ')}.`
            : 'Write a whole number, for example "-1" or "5".',
    },
  );
}

/** `Kind/name`, fit to be printed. */
export function nameOf(object: KubeObject): string {
  return printable(`${object.kind}/${object.metadata.name ?? object.metadata.generateName ?? ''}`);
}

/** The values of a list with commas; undefined where the annotation is absent. */
export function commaValues(text: string | undefined): string[] | undefined {
  return text
    ?.split(',')
    .map((value) => value.trim())
    .filter((value) => value !== '');
}
