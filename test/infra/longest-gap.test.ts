import { describe, expect, test } from 'vitest';
import { longestGap } from '../../infra/schedule/longest-gap.ts';

const hours = (expression: string): number | string => {
  const result = longestGap(expression);
  return 'gap' in result ? result.gap.toHours({ integral: false }) : result.problem;
};

describe('the longest gap of', () => {
  test.each([
    ['rate(30 minutes)', 0.5],
    ['rate(1 day)', 24],
    ['cron(0 6 * * ? *)', 24],
    ['cron(0/15 * * * ? *)', 0.25],
    ['cron(0 6,18 * * ? *)', 12],
    ['cron(0 8-18/5 * * ? *)', 14],
    ['cron(30 5 ? * MON-FRI *)', 72],
    ['cron(0 6 ? * 2 *)', 168],
    ['cron(0 6 ? * 2#1 *)', 35 * 24],
    ['cron(0 6 ? * 6L *)', 35 * 24],
    ['cron(0 6 L * ? *)', 31 * 24],
    ['cron(0 6 1 * ? *)', 31 * 24],
    ['cron(0 6 15W * ? *)', 32 * 24],
    ['cron(0 6 1 JAN ? *)', 366 * 24],
    ['cron(0 6 29 2 ? *)', 1461 * 24],
  ])('%s is %d hours', (expression, gap) => {
    expect(hours(expression)).toBe(gap);
  });
});

describe('what is wrong is said:', () => {
  test.each([
    ['0 6 * * *', 'is neither rate(…) nor cron(…)'],
    ['at(2026-11-23T06:00:00)', 'is neither rate(…) nor cron(…)'],
    ['rate(0 days)', 'has a rate of 0'],
    ['cron(0 6 * * *)', 'has 5 fields instead of 6'],
    ['cron(0 6 * * * *)', 'must have ? for one of day-of-month and day-of-week'],
    ['cron(0 6 ? * MON 2027)', 'must have * for the year: a sync that ends is no schedule'],
    ['cron(60 24 32 * ? *)', 'has no valid minutes "60", hours "24", day-of-month "32"'],
    ['cron(0 6 31 2 ? *)', 'never comes round'],
  ])('%s %s', (expression, problem) => {
    expect(hours(expression)).toBe(problem);
  });
});
