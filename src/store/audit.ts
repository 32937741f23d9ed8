import type { Kysely } from 'kysely';
import { hashJson, parseJson, stringifyJson } from '../model/index.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import type { AuditEntry, Store } from './types.js';

type Row = Tables['audit'];

/** Entries that are read at once when the chain is verified. */
const page = 1000;

export function openAudit(db: Kysely<Tables>): Store['audit'] {
  return {
    async append(entry) {
      return retrying(() =>
        db.transaction().execute(async (trx) => {
          const last = await trx.selectFrom('audit').select(['seq', 'hash']).orderBy('seq', 'desc').limit(1).executeTakeFirst();
          const chained = { ...entry, seq: (last?.seq ?? 0) + 1, previous: last?.hash ?? '' };
          const full: AuditEntry = { ...chained, hash: hashOf(chained) };
          await trx.insertInto('audit').values(toRow(full)).execute();
          return full;
        }),
      );
    },
    async list({ subject, limit }) {
      let query = db.selectFrom('audit').selectAll().orderBy('seq', 'desc');
      if (subject !== undefined) query = query.where('subject', '=', subject);
      if (limit !== undefined) query = query.limit(limit);
      return (await retrying(() => query.execute())).map(fromRow);
    },
    async verify() {
      let previous = '';
      let expected = 1;
      for (;;) {
        const from = expected;
        const rows = await retrying(() => db.selectFrom('audit').selectAll().where('seq', '>=', from).orderBy('seq').limit(page).execute());
        for (const row of rows) {
          const reason = flaw(row, expected, previous);
          if (reason !== undefined) return { entries: expected - 1, broken: { seq: row.seq, reason } };
          previous = row.hash;
          expected++;
        }
        if (rows.length < page) return { entries: expected - 1 };
      }
    },
  };
}

function flaw(row: Row, expected: number, previous: string): string | undefined {
  if (row.seq !== expected) return `entry ${expected} is missing`;
  if (row.previous !== previous) return 'it does not follow the entry before it';
  let entry: AuditEntry;
  try {
    entry = fromRow(row);
  } catch {
    return 'it cannot be read';
  }
  return hashOf(entry) === row.hash ? undefined : 'it was changed after it was written';
}

function hashOf({ seq, at, actor, action, subject, reason, detail, previous }: Omit<AuditEntry, 'hash'>): string {
  return hashJson({ seq, at, actor, action, subject, reason: reason ?? null, detail, previous });
}

function toRow({ reason, detail, ...entry }: AuditEntry): Row {
  return { ...entry, reason: reason ?? null, detail: stringifyJson(detail) };
}

function fromRow({ reason, detail, ...row }: Row): AuditEntry {
  return { ...row, ...(reason === null ? {} : { reason }), detail: parseJson(detail) as AuditEntry['detail'] };
}
