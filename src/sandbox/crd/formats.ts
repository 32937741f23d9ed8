import { isIPv4, isIPv6 } from 'node:net';

/**
 * The formats of strings that the API server checks (others are taken as documentation), by their names
 * without hyphens.
 */
const formats: { [format: string]: (text: string) => boolean } = {
  bsonobjectid: (t) => /^[0-9a-f]{24}$/i.test(t),
  uri: isRequestUri,
  email: isAddress,
  hostname: isHostname,
  ipv4: (t) => isIPv4(t),
  ipv6: (t) => isIPv6(t) && t.includes(':'),
  cidr: isCidr,
  mac: (t) => /^([0-9a-f]{2}([:-]))([0-9a-f]{2}\2)*[0-9a-f]{2}$/i.test(t) && [6, 8, 20].includes(t.split(/[:-]/).length),
  uuid: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(t),
  uuid3: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(t),
  uuid4: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(t),
  uuid5: (t) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(t),
  isbn: (t) => isIsbn10(t) || isIsbn13(t),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (t) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(t),
  hexcolor: (t) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(t),
  rgbcolor: (t) => {
    const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(t);
    return parts?.slice(1).every((p) => /^(0|[1-9]\d?|1\d\d|2([0-4]\d|5[0-5]))$/.test(p)) === true;
  },
  byte: (t) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(t.replace(/[\r\n]/g, '')),
  password: () => true,
  date: (t) => /^\d{4}-\d\d-\d\d$/.test(t) && isDate(t),
  duration: isDuration,
  datetime: isDateTime,
};

/** Whether a text has a format; true for formats that are not checked. */
export function hasFormat(format: string, text: string): boolean {
  const name = format.replaceAll('-', '');
  return !Object.hasOwn(formats, name) || (formats[name] as (text: string) => boolean)(text);
}

/** Whether the API server checks a format. */
export const isCheckedFormat = (format: string): boolean => Object.hasOwn(formats, format.replaceAll('-', ''));

function isDate(text: string): boolean {
  const time = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text.slice(0, 10));
}

function isDateTime(text: string): boolean {
  const match = /^\d{4}-\d\d-\d\dt(\d\d):(\d\d):(\d\d)(\.\d+)?(z|[+-]\d\d:\d\d)?$/i.exec(text);
  if (!match || !isDate(text)) return false;
  return Number(match[1]) < 24 && Number(match[2]) < 60 && Number(match[3]) < 60;
}

const units = 'ns|us|µs|μs|ms|s|m|h|d|w';
const longUnits =
  'nanoseconds?|nanos?|microseconds?|micros?|milliseconds?|millis?|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|wks?';

/** Go's durations, and words like `2 days`. */
function isDuration(text: string): boolean {
  return (
    /^[+-]?0$/.test(text) ||
    new RegExp(`^[+-]?((\\d+\\.?\\d*|\\.\\d+)(${units.slice(0, -4)}))+$`).test(text) ||
    new RegExp(`^\\s*((\\d+)\\s*(${longUnits}|${units})\\s*)+$`, 'i').test(text)
  );
}

function isHostname(text: string): boolean {
  const label = /^[a-z0-9\p{L}]([a-z0-9\p{L}_-]{0,61}[a-z0-9\p{L}])?$/iu;
  return (
    text.length <= 255 &&
    text !== '' &&
    text
      .replace(/\.$/, '')
      .split('.')
      .every((part) => label.test(part))
  );
}

function isAddress(text: string): boolean {
  const plain = /<([^<>]+)>\s*$/.exec(text)?.[1] ?? text;
  return /^[^\s@<>(),;:\\"[\]]+(\.[^\s@<>(),;:\\"[\]]+)*@[^\s@<>(),;:\\"]+$/.test(plain.trim());
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', rest] = text.split('/');
  if (rest !== undefined || !/^\d{1,3}$/.test(bits)) return false;
  return (isIPv4(address) && Number(bits) <= 32) || (isIPv6(address) && Number(bits) <= 128);
}

/** An absolute URI or an absolute path, as an HTTP request has one. */
function isRequestUri(text: string): boolean {
  if (text === '' || /[\s\p{Cc}]/u.test(text) || /%(?![0-9a-f]{2})/i.test(text)) return false;
  return text.startsWith('/') || /^[a-z][a-z0-9+.-]*:/i.test(text);
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  return [...digits].reduce((sum, c, i) => sum + (i + 1) * (c === 'X' ? 10 : Number(c)), 0) % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]/g, '');
  return /^\d{13}$/.test(digits) && [...digits].reduce((sum, c, i) => sum + Number(c) * (i % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!/^(4\d{12}(\d{3})?|5[1-5]\d{14}|6(011|5\d\d)\d{12}|3[47]\d{13}|3(0[0-5]|[68]\d)\d{11}|(2131|1800|35\d{3})\d{11})$/.test(digits))
    return false;
  const sum = [...digits].reverse().reduce((total, c, i) => {
    const n = Number(c) * (i % 2 === 0 ? 1 : 2);
    return total + (n > 9 ? n - 9 : n);
  }, 0);
  return sum % 10 === 0;
}
