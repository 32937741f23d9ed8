import type { Kysely } from 'kysely';
import { EvenkeelError, type Random } from '../model/index.js';
import { createKeyFile, readKeyFile } from './key-file.js';
import { retrying } from './retry.js';
import type { Tables } from './schema.js';
import { fingerprint, type Sealer, sealer } from './seal.js';

/** The key of a store, read when the first secret is. */
export interface Keyring {
  /** @throws EvenkeelError STORE_KEY_MISSING, STORE_KEY_EXPOSED, STORE_KEY_INVALID, STORE_DECRYPT */
  sealer(): Promise<Sealer>;
  /** Opens what was sealed under `purpose`. */
  open(sealed: Uint8Array, purpose: string): Promise<Buffer>;
}

/**
 * The database remembers the fingerprint of its key, so that a lost or foreign key file is noticed when
 * the key is first needed, and a second key is never made for a store that has one.
 */
export function openKeyring(options: { db: Kysely<Tables>; keyFile: string; random: Random }): Keyring {
  const { db, keyFile, random } = options;
  let known: Sealer | undefined;

  async function load(): Promise<Sealer> {
    const recorded = await retrying(() => db.selectFrom('meta').select('value').where('name', '=', 'key_fingerprint').executeTakeFirst());
    let key = readKeyFile(keyFile);
    if (!key) {
      if (recorded)
        throw new EvenkeelError('STORE_KEY_MISSING', 'the key that the stored secrets are encrypted with is missing', {
          where: { file: keyFile },
          hint: 'Put the key file back from a backup. Without it, move the store away and register the repositories again.',
        });
      key = createKeyFile(keyFile, random);
    }
    const print = fingerprint(key);
    const first = recorded?.value ?? (await record(print));
    if (first !== print)
      throw new EvenkeelError('STORE_DECRYPT', 'the key file belongs to another store', {
        where: { file: keyFile },
        hint: `Put the key file with fingerprint ${first} back; this one has ${print}.`,
      });
    return sealer(key, random);
  }

  const record = (print: string) =>
    retrying(() =>
      db.transaction().execute(async (trx) => {
        await trx
          .insertInto('meta')
          .values({ name: 'key_fingerprint', value: print })
          .onConflict((c) => c.column('name').doNothing())
          .execute();
        return (await trx.selectFrom('meta').select('value').where('name', '=', 'key_fingerprint').executeTakeFirstOrThrow()).value;
      }),
    );

  const current = async () => {
    known ??= await load();
    return known;
  };
  return {
    sealer: current,
    async open(sealed, purpose) {
      const plain = (await current()).open(sealed, purpose);
      if (plain) return plain;
      throw new EvenkeelError('STORE_DECRYPT', `the stored secret "${purpose}" cannot be decrypted`, {
        hint: 'The record was changed outside of evenkeel. Register it again with its credentials.',
        details: { record: purpose },
      });
    },
  };
}

/** A random value of this store under a name, made by whoever asks first and sealed like credentials. */
export async function storedSecret(options: { db: Kysely<Tables>; keyring: Keyring; random: Random; name: string }): Promise<Uint8Array> {
  const { db, keyring, random, name } = options;
  const purpose = `secrets/${name}`;
  const read = (from: Kysely<Tables>) => from.selectFrom('secrets').select('sealed').where('name', '=', name).executeTakeFirst();
  let row = await retrying(() => read(db));
  if (!row) {
    const sealed = (await keyring.sealer()).seal(random(32), purpose);
    row = await retrying(() =>
      db.transaction().execute(async (trx) => {
        await trx
          .insertInto('secrets')
          .values({ name, sealed })
          .onConflict((c) => c.column('name').doNothing())
          .execute();
        return read(trx);
      }),
    );
  }
  return new Uint8Array(await keyring.open(row?.sealed ?? new Uint8Array(), purpose));
}
