import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type BetterSqlite from 'better-sqlite3';
import { type Clock, EvenkeelError } from '../../model/index.js';
import type { Journal } from './store.js';

/** 'EVKS', in the header of every sandbox file. */
const applicationId = 0x45564b53;
const formatVersion = 1;
const waitMs = 1000;

/** What is known of an object without reading it. */
type StoredKey = [resource: string, key: string, rv: number];

/** An open sandbox file: this process alone has it until it is closed. */
export interface SandboxFile extends Journal {
  readonly rv: number;
  keys(): Iterable<StoredKey>;
  text(resource: string, key: string): string;
  meta(name: string): string | undefined;
  setMeta(name: string, value: string): void;
  close(): void;
}

/**
 * Opens a sandbox file, or makes one where there is none.
 * @throws EvenkeelError SANDBOX_BUSY, SANDBOX_FILE_INVALID, SANDBOX_FILE_VERSION
 */
export async function openFile(path: string, clock: Clock): Promise<SandboxFile> {
  const { default: Database } = (await import('better-sqlite3')) as { default: typeof BetterSqlite };
  const deadline = Date.now() + waitMs;
  for (;;) {
    let db: BetterSqlite.Database | undefined;
    try {
      // Secrets stand in it as the API server stores them: readable for their owner only.
      closeSync(openSync(path, 'a', 0o600));
      db = new Database(path, { timeout: 0 });
      db.pragma('locking_mode = EXCLUSIVE');
      prepare(db, path);
      return opened(db, path);
    } catch (error) {
      db?.close();
      if (error instanceof EvenkeelError) throw error;
      if (!isBusy(error)) throw invalidFile(path, error);
      if (Date.now() > deadline) throw busy(path, error);
    }
    await clock.sleep(50);
  }
}

function isBusy(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED');
}

const pidPath = (path: string) => `${path}.pid`;

function busy(path: string, cause: unknown): EvenkeelError {
  let pid: number | undefined;
  try {
    pid = Number(readFileSync(pidPath(path), 'utf8').trim()) || undefined;
  } catch {
    // The owner has not written it yet.
  }
  return new EvenkeelError('SANDBOX_BUSY', `the sandbox file is in use by ${pid === undefined ? 'another process' : `process ${pid}`}`, {
    where: { file: path },
    hint: 'Wait for that process to end, or run "evenkeel sandbox" and point both at the server that it starts.',
    cause,
    details: pid === undefined ? {} : { pid },
  });
}

function invalidFile(path: string, cause: unknown): EvenkeelError {
  return new EvenkeelError(
    'SANDBOX_FILE_INVALID',
    `the sandbox file cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      where: { file: path },
      hint: 'It was left as it is. Name another file, or move this one away to begin with an empty cluster.',
      cause,
    },
  );
}

function prepare(db: BetterSqlite.Database, path: string): void {
  const empty = !existsSync(path) || statSync(path).size === 0;
  const id = db.pragma('application_id', { simple: true }) as number;
  const tables = db.prepare('SELECT count(*) AS n FROM sqlite_master').get() as { n: number };
  if (id !== applicationId && (tables.n > 0 || !empty)) throw invalidFile(path, new Error('it is a database of another program'));
  const version = db.pragma('user_version', { simple: true }) as number;
  if (version > formatVersion)
    throw new EvenkeelError(
      'SANDBOX_FILE_VERSION',
      `the sandbox file has format ${version}; this version of Evenkeel reads up to ${formatVersion}`,
      {
        where: { file: path },
        hint: 'Update Evenkeel, or name another file.',
      },
    );
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = NORMAL');
  // Pages that the log may grow by before they are moved to the file: moving them waits for the disk.
  db.pragma('wal_autocheckpoint = 8000');
  // Objects are too large for the pages of an index, which is what a table without rowids is.
  if (tables.n === 0)
    db.transaction(() => {
      db.exec(`CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE objects (resource TEXT NOT NULL, key TEXT NOT NULL, rv INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (resource, key));`);
      db.pragma(`application_id = ${applicationId}`);
      db.pragma(`user_version = ${formatVersion}`);
    })();
  // Takes the lock for good: in exclusive mode the first write keeps it.
  db.prepare("INSERT INTO meta (name, value) VALUES ('pid', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value").run(
    String(process.pid),
  );
}

function opened(db: BetterSqlite.Database, path: string): SandboxFile {
  writeFileSync(pidPath(path), `${process.pid}\n`);
  const put = db.prepare(
    'INSERT INTO objects (resource, key, rv, json) VALUES (?, ?, ?, ?) ON CONFLICT (resource, key) DO UPDATE SET rv = excluded.rv, json = excluded.json',
  );
  const drop = db.prepare('DELETE FROM objects WHERE resource = ? AND key = ?');
  const setMeta = db.prepare('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value');
  const getText = db.prepare('SELECT json FROM objects WHERE resource = ? AND key = ?');
  const getMeta = db.prepare('SELECT value FROM meta WHERE name = ?');
  const beginWrites = db.prepare('BEGIN IMMEDIATE');
  const commitWrites = db.prepare('COMMIT');
  // Writes of one turn of the event loop go to the disk together.
  let pending: { done: Promise<void>; commit: () => void } | undefined;
  let broken: Error | undefined;
  const begin = () => {
    // What memory has and the file has not must not grow: after a commit that failed nothing more is written.
    if (broken) throw broken;
    if (pending) return;
    beginWrites.run();
    let timer: NodeJS.Immediate | undefined;
    let commit = () => {};
    const done = new Promise<void>((resolve, reject) => {
      commit = () => {
        clearImmediate(timer);
        pending = undefined;
        try {
          commitWrites.run();
          resolve();
        } catch (error) {
          broken = error as Error;
          if (db.inTransaction) db.exec('ROLLBACK');
          reject(broken);
        }
      };
    });
    // Whoever waits for it is told; where nobody does, the next write is.
    done.catch(() => undefined);
    pending = { done, commit };
    timer = setImmediate(commit);
  };
  const meta = (name: string) => (getMeta.get(name) as { value: string } | undefined)?.value;
  const highest = (db.prepare('SELECT max(rv) AS rv FROM objects').get() as { rv: number | null }).rv ?? 1;
  return {
    rv: Math.max(highest, Number(meta('rv') ?? 1)),
    keys: () => db.prepare('SELECT resource, key, rv FROM objects').raw().all() as StoredKey[],
    text: (resource, key) => (getText.get(resource, key) as { json: string }).json,
    put(resource, key, rv, text) {
      begin();
      put.run(resource, key, rv, text);
    },
    remove(resource, key, rv) {
      begin();
      drop.run(resource, key);
      setMeta.run('rv', String(rv));
    },
    settled: () => pending?.done,
    meta,
    setMeta: (name, value) => void setMeta.run(name, value),
    close() {
      pending?.commit();
      rmSync(pidPath(path), { force: true });
      db.close();
    },
  };
}
