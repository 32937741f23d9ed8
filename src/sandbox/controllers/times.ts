/** A time as Kubernetes objects carry it: RFC 3339 in UTC, whole seconds. */
export function stamp(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** Milliseconds since the epoch; 0 where the text is absent or no time. */
export function readTime(text: string | null | undefined): number {
  if (text == null) return 0;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? 0 : ms;
}

/**
 * Remembers the exact moment behind a stamp, which is cut to whole seconds. What is not remembered (after a
 * restart of the process) is read from the stamp, so that nothing depends on the memory but exactness.
 */
export interface Moments {
  note(id: string, now: number): string;
  at(id: string, text: string | null | undefined): number;
  forget(id: string): void;
}

export function createMoments(limit = 20_000): Moments {
  const known = new Map<string, number>();
  return {
    note(id, now) {
      known.delete(id);
      known.set(id, now);
      if (known.size > limit)
        for (const oldest of known.keys()) {
          known.delete(oldest);
          if (known.size <= limit) break;
        }
      return stamp(now);
    },
    at(id, text) {
      const base = readTime(text);
      const exact = known.get(id);
      return exact !== undefined && Math.floor(exact / 1000) * 1000 === base ? exact : base;
    },
    forget: (id) => void known.delete(id),
  };
}
