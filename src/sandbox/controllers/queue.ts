import type { Clock } from '../../model/index.js';

/** Work by key: each key is at most once in the line, and is looked at again when it is due. */
export interface WorkQueue {
  add(id: string): void;
  /** Not before `ms` from now; the nearest due time of a key wins. */
  addAfter(id: string, ms: number): void;
  /** Tries again later, later each time, until `settled(id)`. */
  retry(id: string): void;
  settled(id: string): void;
  idle(): Promise<void>;
  stop(): void;
}

interface Due {
  at: number;
  order: number;
  id: string;
}

/** Node fires timers beyond 2^31 ms at once, so a sleep is never longer than this. */
const LONGEST_SLEEP = 3_600_000;
const YIELD_AFTER_MS = 10;
const YIELD_AFTER_ITEMS = 100_000;

/**
 * A line of work that gives way to other work of the process, and sleeps on the clock while nothing is due.
 * @param rankOf keys of a lower rank go first, so that who sums up looks once at what many have done
 */
export function createQueue(clock: Clock, work: (id: string) => void, rankOf: (id: string) => number = () => 0): WorkQueue {
  const lines: Set<string>[] = [];
  const lineOf = (id: string) => {
    const rank = rankOf(id);
    while (lines.length <= rank) lines.push(new Set());
    return lines[rank] as Set<string>;
  };
  const first = () => lines.find((line) => line.size > 0);
  const dueOf = new Map<string, Due>();
  const heap = createHeap();
  const failures = new Map<string, number>();
  let order = 0;
  let scheduled = false;
  let running = false;
  let stopped = false;
  let sleeping: { until: number; abort: AbortController } | undefined;

  const kick = () => {
    if (scheduled || running || stopped) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      pump();
    });
  };

  const promote = () => {
    const now = clock.now();
    for (let next = heap.peek(); next && next.at <= now; next = heap.peek()) {
      heap.pop();
      if (dueOf.get(next.id) !== next) continue;
      dueOf.delete(next.id);
      lineOf(next.id).add(next.id);
    }
  };

  const pump = () => {
    if (running || stopped) return;
    running = true;
    const began = clock.now();
    let done = 0;
    try {
      for (;;) {
        promote();
        const line = first();
        const next = line?.values().next();
        if (!line || !next || next.done || stopped) break;
        line.delete(next.value);
        work(next.value);
        if (++done >= YIELD_AFTER_ITEMS || clock.now() - began > YIELD_AFTER_MS) break;
      }
    } finally {
      running = false;
    }
    if (first()) kick();
    else sleepUntilDue();
  };

  const sleepUntilDue = () => {
    if (stopped) return;
    let next = heap.peek();
    while (next && dueOf.get(next.id) !== next) {
      heap.pop();
      next = heap.peek();
    }
    if (!next) return;
    if (sleeping) {
      if (sleeping.until <= next.at) return;
      sleeping.abort.abort();
    }
    const abort = new AbortController();
    const mine = { until: next.at, abort };
    sleeping = mine;
    const ms = Math.min(LONGEST_SLEEP, Math.max(1, next.at - clock.now()));
    clock.sleep(ms, abort.signal).then(
      () => {
        if (sleeping === mine) sleeping = undefined;
        pump();
      },
      () => {
        if (sleeping === mine) sleeping = undefined;
      },
    );
  };

  return {
    add(id) {
      if (stopped) return;
      lineOf(id).add(id);
      kick();
    },
    addAfter(id, ms) {
      if (stopped) return;
      const at = clock.now() + Math.max(0, ms);
      const known = dueOf.get(id);
      if (known && known.at <= at) return;
      const due = { at, order: order++, id };
      dueOf.set(id, due);
      heap.push(due);
      if (!running) sleepUntilDue();
    },
    retry(id) {
      const times = (failures.get(id) ?? 0) + 1;
      failures.set(id, times);
      this.addAfter(id, Math.min(30_000, 50 * 2 ** Math.min(times - 1, 10)));
    },
    settled: (id) => void failures.delete(id),
    async idle() {
      while (!stopped) {
        promote();
        if (!first() && !scheduled && !running) return;
        kick();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    stop() {
      stopped = true;
      lines.length = 0;
      dueOf.clear();
      sleeping?.abort.abort();
    },
  };
}

function createHeap() {
  const items: Due[] = [];
  const before = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.order < b.order);
  const swap = (i: number, j: number) => {
    const held = items[i] as Due;
    items[i] = items[j] as Due;
    items[j] = held;
  };
  return {
    peek: (): Due | undefined => items[0],
    push(item: Due) {
      items.push(item);
      for (let i = items.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!before(items[i] as Due, items[parent] as Due)) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop() {
      const last = items.pop();
      if (!last || items.length === 0) return;
      items[0] = last;
      for (let i = 0; ; ) {
        let least = i;
        for (const child of [2 * i + 1, 2 * i + 2])
          if (child < items.length && before(items[child] as Due, items[least] as Due)) least = child;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
    },
  };
}
