declare const EVENKEEL_VERSION: string | undefined;

/** Set when the program is bundled; elsewhere (tests of the source) it is a development version. */
export const version: string = typeof EVENKEEL_VERSION === 'string' ? EVENKEEL_VERSION : '0.0.0-dev';
