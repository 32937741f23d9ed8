import type { KubeObject, WireResponse } from '../../model/index.js';
import { readBody } from '../rest/body.js';
import { decodeBody } from '../rest/decode.js';
import { type Call, optionsOf, warnTo } from '../rest/handle.js';
import { noteUpdate } from '../rest/managed.js';
import { answerObject } from '../rest/respond.js';
import { genericMethodNotAllowed } from '../rest/status.js';
import type { Loose } from '../strategy/types.js';
import { type Access, allowed, rulesOf } from './rbac.js';
import type { User } from './types.js';

type Review = (call: Call, spec: Loose) => Loose;

function accessOf(spec: Loose): Access {
  if (spec.nonResourceAttributes) return { verb: spec.nonResourceAttributes.verb ?? '', path: spec.nonResourceAttributes.path ?? '' };
  const { verb = '', group = '', resource = '', subresource, namespace, name } = spec.resourceAttributes ?? {};
  return { verb, group, resource, subresource, namespace, name };
}

const decide = (call: Call, user: User, spec: Loose) => ({ allowed: allowed(call.api, user, accessOf(spec)) });

const subjectReview: Review = (call, spec) => decide(call, { name: spec.user ?? '', uid: spec.uid ?? '', groups: spec.groups ?? [] }, spec);

function rulesReview(call: Call, spec: Loose): Loose {
  const rules = call.user.groups.includes('system:masters')
    ? [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ]
    : rulesOf(call.api, call.user, spec.namespace ?? '');
  return {
    resourceRules: rules.filter((r) => !r.nonResourceURLs),
    nonResourceRules: rules.filter((r) => r.nonResourceURLs),
    incomplete: false,
  };
}

const reviews: { [resource: string]: Review } = {
  'selfsubjectaccessreviews.authorization.k8s.io': (call, spec) => decide(call, call.user, spec),
  'subjectaccessreviews.authorization.k8s.io': subjectReview,
  'localsubjectaccessreviews.authorization.k8s.io': subjectReview,
  'selfsubjectrulesreviews.authorization.k8s.io': rulesReview,
  'selfsubjectreviews.authentication.k8s.io': ({ user }) => ({ userInfo: { username: user.name, uid: user.uid, groups: user.groups } }),
  'tokenreviews.authentication.k8s.io': () => ({ user: {} }),
};

/** Kinds that are questions: answered at once and never stored. Undefined for all others. */
export function handleReview(call: Call): WireResponse | undefined {
  const { api, type } = call;
  const review = reviews[type.storage];
  if (!review) return undefined;
  if (call.info.verb !== 'create') throw genericMethodNotAllowed();
  const options = optionsOf(call, 'create');
  const object: KubeObject = decodeBody(type, readBody(call.request), { validation: options.validation, warn: warnTo(call) });
  noteUpdate(api, type, { live: undefined, next: object, manager: options.manager, time: api.clock.now() });
  object['status'] = review(call, (object['spec'] ?? {}) as Loose);
  return answerObject(call, 201, { object, text: '' });
}
