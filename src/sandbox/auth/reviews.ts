import type { KubeObject, WireResponse } from '../../model/index.js';
import { decodeBody, readObjectBody } from '../rest/decode-body.js';
import { type Call, optionsOf, warnTo } from '../rest/handle.js';
import { noteUpdate } from '../rest/managed.js';
import { answerObject } from '../rest/respond.js';
import { badRequest, genericMethodNotAllowed } from '../rest/status.js';
import { type FieldErrors, GoText, invalid, invalidObject } from '../strategy/field.js';
import type { Loose } from '../strategy/types.js';
import { authenticateToken } from './authenticate.js';
import { decide, rulesOf } from './rbac.js';
import type { Access } from './rules.js';
import type { User } from './types.js';

/** What a question is answered with: its new status. */
type Review = (call: Call, object: Loose) => Loose;

function accessOf(spec: Loose): Access {
  if (spec.nonResourceAttributes) return { verb: spec.nonResourceAttributes.verb ?? '', path: spec.nonResourceAttributes.path ?? '' };
  const { verb = '', group = '', resource = '', subresource, namespace, name } = spec.resourceAttributes ?? {};
  return { verb, group, resource, subresource, namespace, name };
}

function answerFor(call: Call, user: User, spec: Loose): Loose {
  const { allowed, reason } = decide(call.api, user, accessOf(spec));
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

const printPath = ({ path = '', verb = '' }: Loose) =>
  new GoText(`authorization.NonResourceAttributes{Path:${JSON.stringify(path)}, Verb:${JSON.stringify(verb)}}`);

/** What is wrong with a question about access. */
function specProblems(spec: Loose, ofSomebody: boolean): FieldErrors {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const out: FieldErrors = [];
  if (resource && path)
    out.push(invalid('spec.nonResourceAttributes', printPath(path), 'cannot be specified in combination with resourceAttributes'));
  if (!resource && !path)
    out.push(invalid('spec.resourceAttributes', undefined, 'exactly one of nonResourceAttributes or resourceAttributes must be specified'));
  if (ofSomebody && !spec.user && (spec.groups ?? []).length === 0)
    out.push(invalid('spec.user', spec.user ?? '', 'at least one of user or group must be specified'));
  return out;
}

/** @throws ApiError 422 */
function check(call: Call, object: Loose, problems: FieldErrors): void {
  const { managedFields: _, creationTimestamp: __, namespace, ...meta } = object.metadata;
  const out = [...problems];
  const given = Object.keys(meta).length > 0 || (namespace && !call.type.namespaced);
  if (given)
    out.push(
      invalid(
        'metadata',
        new GoText(`v1.ObjectMeta${JSON.stringify(object.metadata)}`),
        call.type.namespaced ? 'must be empty except for namespace' : 'must be empty',
      ),
    );
  if (out.length > 0) throw invalidObject(call.type.group, call.type.kind, '', out);
}

const selfReview: Review = (call, object) => {
  check(call, object, specProblems(object.spec, false));
  return answerFor(call, call.user, object.spec);
};

const subjectOf = (spec: Loose): User => ({
  name: spec.user ?? '',
  uid: spec.uid ?? '',
  groups: spec.groups ?? [],
  extra: spec.extra ?? {},
});

const subjectReview: Review = (call, object) => {
  check(call, object, specProblems(object.spec, true));
  return answerFor(call, subjectOf(object.spec), object.spec);
};

const localReview: Review = (call, object) => {
  const { spec } = object;
  const problems = specProblems(spec, true);
  if (spec.nonResourceAttributes)
    problems.push(invalid('spec.nonResourceAttributes', printPath(spec.nonResourceAttributes), 'disallowed on this kind of request'));
  check(call, object, problems);
  const { namespace } = call.info;
  if ((spec.resourceAttributes?.namespace ?? '') !== namespace)
    throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  return answerFor(call, subjectOf(spec), spec);
};

const rulesReview: Review = ({ api, user }, { spec }) => {
  if (!spec.namespace) throw badRequest('no namespace on request');
  const { rules, problem } = rulesOf(api, user, spec.namespace);
  return {
    resourceRules: rules.filter((r) => (r.resources ?? []).length > 0),
    nonResourceRules: rules.filter((r) => (r.nonResourceURLs ?? []).length > 0),
    incomplete: false,
    ...(problem === '' ? {} : { evaluationError: problem }),
  };
};

const userInfo = ({ name, uid, groups, extra }: User) => ({
  username: name,
  ...(uid === '' ? {} : { uid }),
  ...(groups.length === 0 ? {} : { groups }),
  ...(extra && Object.keys(extra).length > 0 ? { extra } : {}),
});

const tokenReview: Review = ({ api }, { spec }) => {
  if (!spec.token) throw badRequest('token is required for TokenReview in authentication');
  const asked: string[] = spec.audiences ?? [];
  const found = authenticateToken(api, spec.token, asked.length === 0 ? undefined : asked);
  if (!found) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(found.user), audiences: found.audiences };
};

const reviews: { [resource: string]: Review } = {
  'selfsubjectaccessreviews.authorization.k8s.io': selfReview,
  'subjectaccessreviews.authorization.k8s.io': subjectReview,
  'localsubjectaccessreviews.authorization.k8s.io': localReview,
  'selfsubjectrulesreviews.authorization.k8s.io': rulesReview,
  'selfsubjectreviews.authentication.k8s.io': ({ user }) => ({ userInfo: userInfo(user) }),
  'tokenreviews.authentication.k8s.io': tokenReview,
};

/** Kinds that are questions: answered at once and never stored. Undefined for all others. */
export function handleReview(call: Call): WireResponse | undefined {
  const { api, type } = call;
  const review = reviews[type.storage];
  if (!review) return undefined;
  if (call.info.verb !== 'create') throw genericMethodNotAllowed();
  const options = optionsOf(call, 'create');
  const object: KubeObject = decodeBody(call.api.registry, type, readObjectBody(type, call.request), {
    validation: options.validation,
    warn: warnTo(call),
  });
  if (type.namespaced) object.metadata.namespace ??= call.info.namespace;
  noteUpdate(api, type, { live: undefined, next: object, manager: options.manager, time: api.clock.now() });
  object['spec'] ??= {};
  object['status'] = review(call, object);
  return answerObject(call, 201, { object, text: '' });
}
