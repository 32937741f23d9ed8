import type { RequestInfo } from './request.js';
import { plainShape, type Shape } from './respond.js';

/** The form of the answer that an Accept header asks for. */
export function negotiate(_accept: string, _info: RequestInfo): Shape {
  return plainShape;
}
