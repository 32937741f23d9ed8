/** What a nil field path of the API server prints as: the root of an object. */
export const rootField = '<nil>';

/** The path of a member: `.a` of nothing is `a`. */
export const childOf = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);

/** The path of a map's entry, with its key in brackets. */
export const keyOf = (at: string, key: string): string => `${at}[${key}]`;

/** The field that an error of this place names. */
export const fieldOf = (at: string): string => (at === '' ? rootField : at);
