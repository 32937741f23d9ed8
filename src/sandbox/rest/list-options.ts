import { type FieldErrors, forbiddenField, invalidObject, notSupported } from '../strategy/field.js';

interface ListOptions {
  watching: boolean;
  resourceVersion: string;
  match: string;
  continue: string;
  initialEvents: boolean | undefined;
}

const matchField = 'resourceVersionMatch';

/** Refuses combinations of list and watch parameters, as the API server's validation of ListOptions does. @throws ApiError 422 */
export function checkListOptions(options: ListOptions): void {
  const errors = options.watching ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalidObject('meta.k8s.io', 'ListOptions', '', errors);
}

function listErrors({ match, resourceVersion, continue: token, initialEvents }: ListOptions): FieldErrors {
  const out: FieldErrors = [];
  if (match !== '') {
    if (resourceVersion === '')
      out.push(forbiddenField(matchField, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (token !== '') out.push(forbiddenField(matchField, 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan') out.push(notSupported(matchField, match, ['Exact', 'NotOlderThan', '']));
    if (match === 'Exact' && resourceVersion === '0')
      out.push(forbiddenField(matchField, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  if (initialEvents !== undefined) out.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return out;
}

/** Without initial events a watch is refused in the words that servers used before they knew of them. */
function watchErrors(options: ListOptions): FieldErrors {
  const { match, continue: token, initialEvents } = options;
  if (initialEvents === undefined)
    return match === '' ? [] : [forbiddenField(matchField, 'resourceVersionMatch is forbidden for watch'), ...listErrors(options)];
  const out: FieldErrors = [];
  if (match !== 'NotOlderThan')
    out.push(forbiddenField(matchField, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  if (match !== '' && match !== 'NotOlderThan') out.push(notSupported(matchField, match, ['NotOlderThan']));
  if (match !== '' && token !== '') out.push(forbiddenField(matchField, 'resourceVersionMatch is forbidden when continue is provided'));
  return out;
}
