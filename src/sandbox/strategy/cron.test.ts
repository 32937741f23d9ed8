import { describe, expect, it } from 'vitest';
import { scheduleProblem } from './cron.js';

describe('schedules', () => {
  it.each(['*/5 * * * *', '0 0 1 jan mon', '@hourly', '@every 1h30m', 'TZ=UTC 0 3 * * 1-5', '0,30 9-17 * * *'])('takes %s', (text) =>
    expect(scheduleProblem(text)).toBeUndefined(),
  );
  it.each([
    ['not a cron', 'expected exactly 5 fields, found 3: [not a cron]'],
    ['61 * * * *', 'end of range (61) above maximum (59): 61'],
    ['* * * * x', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['@often', 'unrecognized descriptor: @often'],
  ])('refuses %s', (text, problem) => expect(scheduleProblem(text)).toBe(problem));
});
