import { type Compilable, CompiledQuery, type Kysely } from 'kysely';
import type { Tables } from './schema.js';

/** Rows of one statement: far below the parameter limits of SQLite (32766) and PostgreSQL (65535). */
const ROWS = 100;

/**
 * Runs one statement over many rows, a hundred at a time. The text is made once a size, from `compile`
 * over sample rows, and the values follow in the order of `columns`, row after row.
 */
export async function inBulk<Row extends object>(options: {
  db: Kysely<Tables>;
  columns: readonly (keyof Row & string)[];
  rows: readonly Row[];
  compile: (sample: Row[]) => Compilable;
}): Promise<void> {
  const { db, columns, rows, compile } = options;
  const texts = new Map<number, string>();
  for (let start = 0; start < rows.length; start += ROWS) {
    const chunk = rows.slice(start, start + ROWS);
    let text = texts.get(chunk.length);
    if (text === undefined) {
      text = compile(chunk.map((row) => ordered(row, columns))).compile().sql;
      texts.set(chunk.length, text);
    }
    const values: unknown[] = [];
    for (const row of chunk) for (const column of columns) values.push(row[column]);
    await db.executeQuery(CompiledQuery.raw(text, values));
  }
}

/** Kysely takes the order of the columns from the rows. */
function ordered<Row extends object>(row: Row, columns: readonly (keyof Row & string)[]): Row {
  return Object.fromEntries(columns.map((column) => [column, row[column]])) as Row;
}
