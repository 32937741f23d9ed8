import { Cron } from 'croner';
import { parseDuration } from '../../model/index.js';

/** When a schedule comes up. Times in milliseconds since the epoch. */
export interface Schedule {
  /** The first time after a moment. */
  next(after: number): number | undefined;
  /** The last time after one moment and not after another. */
  lastBetween(after: number, until: number): number | undefined;
}

const windows = [120_000, 7_200_000, 172_800_000, 5_356_800_000, 63_244_800_000, Number.POSITIVE_INFINITY];

/**
 * A schedule as CronJobs write it: five fields, `@hourly` and the like, or `@every 1h30m`.
 * @returns undefined where it cannot be read
 */
export function readSchedule(text: string, timeZone = 'Etc/UTC', origin = 0): Schedule | undefined {
  const pattern = text.trim();
  const every = /^@every\s+(\S+)$/.exec(pattern);
  if (every) return interval(every[1] as string, origin);
  if (!pattern.startsWith('@') && pattern.split(/\s+/).length !== 5) return undefined;
  try {
    // croner reads `?` as the moment of its making; in a CronJob it is any.
    const cron = new Cron(pattern.replaceAll('?', '*'), { timezone: timeZone, paused: true });
    const next = (after: number) => cron.nextRun(new Date(after))?.getTime();
    next(origin);
    return {
      next,
      lastBetween(after, until) {
        for (const window of windows) {
          const from = Math.max(after, until - window);
          let found: number | undefined;
          for (let at = next(from); at !== undefined && at <= until; at = next(at)) found = at;
          if (found !== undefined || from === after) return found;
        }
        return undefined;
      },
    };
  } catch {
    return undefined;
  }
}

function interval(text: string, origin: number): Schedule | undefined {
  try {
    const ms = Math.max(1000, parseDuration(text));
    const next = (after: number) => origin + (Math.floor(Math.max(0, after - origin) / ms) + 1) * ms;
    return {
      next,
      lastBetween(after, until) {
        const last = next(until) - ms;
        return last > after && last > origin ? last : undefined;
      },
    };
  } catch {
    return undefined;
  }
}
