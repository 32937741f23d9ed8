import type { Insertable, Kysely } from 'kysely';
import { compareText, EvenkeelError, parseJson, redactUrls, stringifyJson } from '../model/index.js';
import type { Keyring } from './keyring.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { RepositoryRecord, Store } from './types.js';

type Row = Tables['repositories'];

export function openRepositories(db: Kysely<Tables>, keyring: Keyring): Store['repositories'] {
  const purpose = (id: string) => `repositories/${id}/credentials`;

  async function toRow(record: RepositoryRecord): Promise<Insertable<Row>> {
    refuseSecretInUrl(record);
    return {
      id: record.id,
      url: record.url,
      branch: record.branch,
      credentials: record.credentials ? (await keyring.sealer()).seal(stringifyJson(record.credentials), purpose(record.id)) : null,
      poll_interval_ms: record.pollIntervalMs,
      created_at: record.createdAt,
    };
  }

  async function fromRow(row: Row): Promise<RepositoryRecord> {
    const record: RepositoryRecord = {
      id: row.id,
      url: row.url,
      branch: row.branch,
      pollIntervalMs: row.poll_interval_ms,
      createdAt: row.created_at,
    };
    if (row.credentials !== null) {
      const plain = await keyring.open(row.credentials, purpose(row.id));
      record.credentials = parseJson(plain.toString('utf8')) as { [key: string]: unknown };
    }
    return record;
  }

  return {
    async create(record) {
      const row = await toRow(record);
      const done = await retrying(() =>
        db
          .insertInto('repositories')
          .values(row)
          .onConflict((c) => c.column('id').doNothing())
          .executeTakeFirst(),
      );
      if (done.numInsertedOrUpdatedRows === 0n)
        throw new EvenkeelError('STORE_EXISTS', `a repository with the id "${record.id}" is registered already`, {
          hint: 'Take another id, or change the one that is there.',
        });
    },
    async put(record) {
      const { id, ...rest } = await toRow(record);
      await retrying(() =>
        db
          .insertInto('repositories')
          .values({ id, ...rest })
          .onConflict((c) => c.column('id').doUpdateSet(rest))
          .execute(),
      );
    },
    async get(id) {
      const row = await retrying(() => db.selectFrom('repositories').selectAll().where('id', '=', id).executeTakeFirst());
      return row && fromRow(row);
    },
    async list() {
      const rows = await retrying(() => db.selectFrom('repositories').selectAll().execute());
      return Promise.all(rows.sort((a, b) => compareText(a.id, b.id)).map(fromRow));
    },
    async remove(id) {
      return retrying(() =>
        db.transaction().execute(async (trx) => {
          const users = await trx.selectFrom('workflows').select('id').where('repository_id', '=', id).execute();
          if (users.length > 0)
            throw new EvenkeelError(
              'STORE_REFERENCE',
              `the repository "${id}" is used by ${users.length === 1 ? 'a workflow' : 'workflows'}`,
              {
                hint: 'Remove or change its workflows first.',
                details: { workflows: users.map((user) => user.id).sort(compareText) },
              },
            );
          const done = await trx.deleteFrom('repositories').where('id', '=', id).executeTakeFirst();
          return done.numDeletedRows > 0n;
        }),
      );
    },
  };
}

/** The URL is stored as it is, so a password in it would stand there in clear. The user of an ssh URL is no secret. */
function refuseSecretInUrl(record: RepositoryRecord): void {
  const user = /^([a-z][a-z0-9+.-]*):\/\/([^/\s@]*)@/i.exec(record.url);
  if (!user || (!/^https?$/i.test(user[1] as string) && !(user[2] as string).includes(':'))) return;
  throw new EvenkeelError('STORE_SECRET_IN_URL', `the URL of repository "${record.id}" carries a user or password`, {
    where: { url: redactUrls(record.url) },
    hint: 'Leave them out of the URL and give them as credentials, which are stored encrypted.',
  });
}
