import { createRequire } from 'node:module';
import type Sqlite from 'better-sqlite3';
import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely';
import { SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { EvenkeelError } from '../model/index.js';
import type { Engine } from './engine.js';
import { translate } from './sqlite-errors.js';

/** `EvKl`: what tells our files from other programs' SQLite files. */
const APPLICATION_ID = 0x45764b6c;

/**
 * How long one attempt blocks the process while another one writes. Short, because better-sqlite3 waits
 * in the event loop's thread; `retrying` goes on waiting without blocking.
 */
const BLOCK_MS = 20;

// Required, not imported, and told where its library lies: a third of what loading it costs otherwise.
const load = createRequire(import.meta.url);
const Database = load('better-sqlite3') as typeof Sqlite;

/** One statement, so that a migration that commits meanwhile is seen whole or not at all. */
const HEADER = `select (select application_id from pragma_application_id) as owner,
  (select user_version from pragma_user_version) as version,
  (select count(*) from sqlite_master) as tables`;

const MAX_STATEMENTS = 100;

/** Opens a file that exists. */
export function sqliteEngine(file: string): Engine {
  let database: Sqlite.Database | undefined;
  try {
    database = new Database(file, { fileMustExist: true, timeout: BLOCK_MS, ...library() });
    database.pragma('journal_mode = wal');
    // A commit survives a power cut: an applied object that nobody remembers would never be pruned.
    database.pragma('synchronous = full');
    database.pragma('foreign_keys = on');
  } catch (thrown) {
    database?.close();
    throw translate(thrown, file);
  }
  const opened = database;
  const dialect: Dialect = {
    createDriver: () => sqliteDriver(opened, file),
    createAdapter: () => new SqliteAdapter(),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  };
  return {
    dialect,
    bytes: 'blob',
    clustered: sql`without rowid`,
    close: () => void opened.close(),
    async version() {
      try {
        const { owner, version, tables } = opened.prepare(HEADER).get() as { owner: number; version: number; tables: number };
        if (owner === APPLICATION_ID || (owner === 0 && tables === 0)) return version;
      } catch (thrown) {
        throw translate(thrown, file);
      }
      throw new EvenkeelError('STORE_FOREIGN', 'the file is a database of another program', {
        where: { file },
        hint: 'Name another file for the store.',
      });
    },
    async setVersion(_db, version) {
      opened.pragma(`application_id = ${APPLICATION_ID}`);
      opened.pragma(`user_version = ${version}`);
    },
  };
}

/** Where npm builds the library; elsewhere better-sqlite3 searches by itself. */
function library(): { nativeBinding?: string } {
  try {
    return { nativeBinding: load.resolve('better-sqlite3/build/Release/better_sqlite3.node') };
  } catch {
    return {};
  }
}

/** One connection, used by one caller at a time, first come first served. */
function sqliteDriver(database: Sqlite.Database, file: string): Driver {
  const connection = sqliteConnection(database, file);
  const run = (text: string) => connection.executeQuery({ sql: text, parameters: [] } as unknown as CompiledQuery);
  const waiting: (() => void)[] = [];
  let taken = false;
  return {
    init: async () => {},
    async acquireConnection() {
      if (taken) await new Promise<void>((resolve) => waiting.push(resolve));
      taken = true;
      return connection;
    },
    async releaseConnection() {
      const next = waiting.shift();
      if (next) next();
      else taken = false;
    },
    // Taking the write lock first means that a transaction never fails half-way because another one wrote.
    beginTransaction: async () => void (await run('begin immediate')),
    commitTransaction: async () => void (await run('commit')),
    async rollbackTransaction() {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (database.inTransaction) await run('rollback');
    },
    async destroy() {
      database.close();
    },
  };
}

function sqliteConnection(database: Sqlite.Database, file: string): DatabaseConnection {
  const statements = new Map<string, Sqlite.Statement>();
  const prepare = (text: string): Sqlite.Statement => {
    const known = statements.get(text);
    if (known) return known;
    const statement = database.prepare(text);
    if (statements.size >= MAX_STATEMENTS) statements.delete(statements.keys().next().value as string);
    statements.set(text, statement);
    return statement;
  };
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      if (!database.open) throw new EvenkeelError('STORE_CLOSED', 'the store is closed', { where: { file } });
      try {
        const statement = prepare(query.sql);
        if (statement.reader) return { rows: statement.all(query.parameters) as R[] };
        return { numAffectedRows: BigInt(statement.run(query.parameters).changes), rows: [] };
      } catch (thrown) {
        throw translate(thrown, file);
      }
    },
    // biome-ignore lint/correctness/useYield: the interface wants a generator, and nothing here streams
    async *streamQuery() {
      throw new EvenkeelError('INTERNAL', 'streaming from SQLite is not used');
    },
  };
}
