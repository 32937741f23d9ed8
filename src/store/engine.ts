import type { Dialect, Kysely, RawBuilder } from 'kysely';
import type { Tables } from './schema.js';

/** What differs between databases. The rest of the room is written once, in SQL that all of them read. */
export interface Engine {
  readonly dialect: Dialect;
  /** Column type of bytes. */
  readonly bytes: 'blob' | 'bytea';
  /** What makes a table be kept in the order of its primary key, where the database can. */
  readonly clustered: RawBuilder<unknown> | undefined;
  /**
   * The number of the last migration that ran; 0 for an empty database.
   * @throws EvenkeelError STORE_FOREIGN where the database belongs to another program
   */
  version(db: Kysely<Tables>): Promise<number>;
  /** Closes the database; a second call does nothing. */
  close(): void;
  /** Called in the transaction of the migrations. */
  setVersion(db: Kysely<Tables>, version: number): Promise<void>;
}
