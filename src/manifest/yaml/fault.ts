/** What is wrong with a text and where in it: turned into an EvenkeelError where the file is known. */
export class Fault extends Error {
  constructor(
    readonly kind: 'syntax' | 'value' | 'depth' | 'aliases' | 'size',
    message: string,
    /** Offset in the document's own text, in UTF-16 code units. */
    readonly offset: number,
  ) {
    super(message);
  }
}
