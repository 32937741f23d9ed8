import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import type { Socket } from 'node:net';
import { killGroup, onExit } from '../process/index.js';

/** What `git cat-file` says of one object. `contents` is there only with `--batch`. */
export interface BatchObject {
  id: string;
  type: string;
  size: number;
  contents?: Uint8Array;
}

export interface BatchOptions {
  start: () => Promise<ChildProcessWithoutNullStreams>;
  /** `--batch` rather than `--batch-check`. */
  contents: boolean;
  /** Milliseconds without an answer after which the process is given up. */
  timeoutMs: number;
  /** Milliseconds without a question after which the process ends. */
  idleMs: number;
  /** The error for a process that ended (`stderr` is what it printed) or fell silent. */
  failure: (stderr: string | undefined) => Error;
}

export interface Batch {
  /** Answers in the order asked; undefined for an object that is not there. Ids are full hashes. */
  ask(ids: readonly string[]): Promise<(BatchObject | undefined)[]>;
  /** Ends the process after what was asked; the next question starts another. */
  restart(): void;
  close(): void;
}

interface Question {
  left: number;
  answers: (BatchObject | undefined)[];
  resolve(answers: (BatchObject | undefined)[]): void;
  reject(error: Error): void;
}

/** One long-lived `git cat-file` that any number of callers ask at the same time. It does not keep the process alive. */
export function openBatch(options: BatchOptions): Batch {
  let session: Promise<Session> | undefined;

  function begin(): Promise<Session> {
    const started: Promise<Session> = options.start().then((child) => openSession(child, options, ended));
    function ended(): void {
      if (session === started) session = undefined;
    }
    started.catch(ended);
    return started;
  }

  return {
    async ask(ids) {
      if (ids.length === 0) return [];
      session ??= begin();
      return (await session).ask(ids);
    },
    restart() {
      session?.then((each) => each.end()).catch(() => undefined);
      session = undefined;
    },
    close() {
      session?.then((each) => each.kill()).catch(() => undefined);
      session = undefined;
    },
  };
}

interface Session {
  ask(ids: readonly string[]): Promise<(BatchObject | undefined)[]>;
  end(): void;
  kill(): void;
}

function openSession(child: ChildProcessWithoutNullStreams, options: BatchOptions, onEnd: () => void): Session {
  const questions: Question[] = [];
  const reader = answerReader(options.contents, (answer) => {
    const question = questions[0];
    if (question === undefined) return;
    question.answers.push(answer);
    if (--question.left > 0) return;
    questions.shift();
    question.resolve(question.answers);
    if (questions.length === 0) rest();
  });
  let stderr = '';
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const handles = [child.stdin, child.stdout, child.stderr] as unknown as Socket[];
  const forget = onExit(() => killGroup(child, 'SIGKILL'));

  const fail = (said: string | undefined) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    forget();
    onEnd();
    for (const question of questions.splice(0)) question.reject(options.failure(said));
  };
  const rest = () => {
    clearTimeout(timer);
    timer = setTimeout(end, options.idleMs).unref();
    child.unref();
    for (const handle of handles) handle.unref?.();
  };
  const work = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      killGroup(child, 'SIGKILL');
      fail(undefined);
    }, options.timeoutMs);
    child.ref();
    for (const handle of handles) handle.ref?.();
  };
  const end = () => {
    onEnd();
    child.stdin.end();
  };

  child.stdout.on('data', (chunk: Buffer) => {
    if (questions.length > 0) timer?.refresh();
    try {
      reader(chunk);
    } catch (error) {
      killGroup(child, 'SIGKILL');
      fail((error as Error).message);
    }
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString('utf8')).slice(-65_536);
  });
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => fail(error.message));
  child.on('close', () => fail(stderr));
  rest();

  return {
    ask: (ids) =>
      new Promise((resolve, reject) => {
        if (over) return reject(options.failure(stderr));
        questions.push({ left: ids.length, answers: [], resolve, reject });
        work();
        child.stdin.write(`${ids.join('\n')}\n`);
      }),
    end,
    kill() {
      child.stdin.end();
      killGroup(child, 'SIGTERM');
    },
  };
}

/** Cuts the stream into answers: `<id> <type> <size>` (and with contents the bytes and a newline), or `<id> missing`. */
function answerReader(contents: boolean, found: (answer: BatchObject | undefined) => void): (chunk: Buffer) => void {
  let header: Buffer | undefined;
  let object: BatchObject | undefined;
  let body: Uint8Array = new Uint8Array(0);
  let filled = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (object !== undefined) {
        const part = chunk.subarray(at, at + body.length - filled);
        body.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < body.length || at >= chunk.length) continue;
        at++;
        const whole = object;
        object = undefined;
        whole.contents = body;
        found(whole);
        continue;
      }
      const newline = chunk.indexOf(10, at);
      const piece = chunk.subarray(at, newline < 0 ? chunk.length : newline);
      const line = header === undefined ? piece : Buffer.concat([header, piece]);
      if (newline < 0) {
        header = Buffer.from(line);
        return;
      }
      header = undefined;
      at = newline + 1;
      const text = line.toString('latin1');
      const match = /^([0-9a-f]+) ([a-z]+) ([0-9]+)$/.exec(text);
      if (match) {
        const answer = { id: match[1] as string, type: match[2] as string, size: Number(match[3]) };
        if (!contents) {
          found(answer);
        } else {
          object = answer;
          body = Buffer.allocUnsafe(answer.size);
          filled = 0;
        }
      } else if (/^[0-9a-f]+ (?:missing|ambiguous)$/.test(text)) {
        found(undefined);
      } else {
        throw new Error(`git cat-file answered "${text.slice(0, 200)}"`);
      }
    }
  };
}
