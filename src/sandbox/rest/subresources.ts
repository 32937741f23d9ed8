import type { WireResponse } from '../../model/index.js';
import { decodeBody, decodingOf, readObjectBody } from './decode-body.js';
import { type Call, optionsOf, targetOf, warnTo } from './handle.js';
import { patchObject, patchType } from './patch.js';
import { getObject } from './read.js';
import { answerObject } from './respond.js';
import { handleScale } from './scale.js';
import { specialSubresources } from './special.js';
import { badRequest, genericMethodNotAllowed, genericNotFound, methodNotAllowed, notFound } from './status.js';
import { requireVersion, updateObject } from './write.js';

/** Requests below an object: `status`, `scale` and what single kinds have. */
export async function handleSubresource(call: Call): Promise<WireResponse> {
  const { info, type } = call;
  const found = type.subresources.find((s) => s.name === info.subresource);
  if (!found) throw type.custom ? notFound(type, info.name) : genericNotFound();
  if (!found.verbs.includes(info.verb)) throw type.custom ? methodNotAllowed(type, info.verb) : genericMethodNotAllowed();
  const special = specialSubresources[`${type.plural}/${found.name}`];
  if (special && type.group === '') return special(call);
  if (found.name === 'scale') return handleScale(call);
  return whole(call);
}

/** Subresources that read and write the object itself. */
function whole(call: Call): WireResponse {
  const { api, type, info } = call;
  if (info.verb === 'get') return answerObject(call, 200, getObject(api, type, info));
  if (info.verb === 'patch') {
    const options = optionsOf(call, patchType(type, call.request) === 'apply' ? 'apply' : 'patch');
    return answerObject(call, 200, patchObject(api, targetOf(call), call.request, options, warnTo(call)).version);
  }
  const options = optionsOf(call, 'update');
  const object = decodeBody(
    call.api.registry,
    type,
    readObjectBody(type, call.request),
    decodingOf(call.request, options.validation, warnTo(call)),
  );
  if (object.metadata.name !== info.name)
    throw badRequest(`the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${info.name})`);
  return answerObject(
    call,
    200,
    updateObject(api, targetOf(call), options, () => {
      requireVersion(type, object);
      return { next: object };
    }),
  );
}
