import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { Kysely } from 'kysely';
import { EvenkeelError, parseJson, stringifyJson } from '../model/index.js';
import type { Keyring } from './keyring.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { Store } from './types.js';

const compress = promisify(deflateRaw);
const expand = promisify(inflateRaw);

/** Documents may hold whole objects, Secrets among them: they are sealed like credentials. */
export function openDocuments(db: Kysely<Tables>, keyring: Keyring): Store['documents'] {
  return {
    async put(kind, { id, workflowId, at, value }) {
      const packed = await compress(Buffer.from(stringifyJson(value), 'utf8'));
      const sealed = (await keyring.sealer()).seal(packed, purpose(kind, id));
      const rest = { workflow_id: workflowId, at, size: sealed.length, value: sealed };
      await retrying(() =>
        db
          .insertInto('documents')
          .values({ kind, id, ...rest })
          .onConflict((c) => c.columns(['kind', 'id']).doUpdateSet(rest))
          .execute(),
      );
    },
    async get(kind, id) {
      const row = await retrying(() =>
        db.selectFrom('documents').selectAll().where('kind', '=', kind).where('id', '=', id).executeTakeFirst(),
      );
      if (!row) return undefined;
      const packed = (await keyring.sealer()).open(row.value, purpose(kind, id));
      if (!packed)
        throw new EvenkeelError('STORE_DECRYPT', `the ${kind} "${id}" cannot be decrypted`, {
          hint: 'The key file beside the store is not the one that it was written with: restore it from a backup.',
        });
      const value = parseJson((await expand(packed)).toString('utf8'));
      return { id, workflowId: row.workflow_id, at: row.at, size: row.size, value };
    },
    async list(kind, { workflowId, limit }) {
      let query = db.selectFrom('documents').select(['id', 'workflow_id', 'at', 'size']).where('kind', '=', kind);
      if (workflowId !== undefined) query = query.where('workflow_id', '=', workflowId);
      query = query.orderBy('at', 'desc').orderBy('id', 'desc');
      if (limit !== undefined) query = query.limit(limit);
      const rows = await retrying(() => query.execute());
      return rows.map((row) => ({ id: row.id, workflowId: row.workflow_id, at: row.at, size: row.size }));
    },
    async remove(kind, ids) {
      if (ids.length === 0) return;
      await retrying(() =>
        db
          .deleteFrom('documents')
          .where('kind', '=', kind)
          .where('id', 'in', [...ids])
          .execute(),
      );
    },
  };
}

const purpose = (kind: string, id: string) => `document/${kind}/${id}`;
