import { Duration } from 'aws-cdk-lib';
import { type CalendarDay, type DayRule, readDayOfMonth, readDayOfWeek } from './cron-days.ts';
import { readCronField } from './cron-field.ts';

/** A schedule's longest time between two runs, or what is wrong with its expression. */
export type LongestGap = { readonly gap: Duration } | { readonly problem: string };

/**
 * The longest time between two runs of `rate(1 day)` or `cron(0 6 * * ? *)`, in the schedule's own time zone.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export function longestGap(expression: string): LongestGap {
  const [, rate, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (rate !== undefined) {
    const minutes = Number(rate) * (unit === 'day' ? minutesPerDay : unit === 'hour' ? 60 : 1);
    return minutes > 0 ? { gap: Duration.minutes(minutes) } : { problem: 'has a rate of 0' };
  }
  const [, fields] = /^cron\((.*)\)$/.exec(expression) ?? [];
  if (fields === undefined) return { problem: 'is neither rate(…) nor cron(…)' };
  return longestGapOfCron(fields.trim().split(/\s+/));
}

const minutesPerDay = 24 * 60;
const months = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const everyDay: DayRule = () => true;

function longestGapOfCron(fields: readonly string[]): LongestGap {
  const [minuteField = '', hourField = '', dayOfMonthField = '', monthField = '', dayOfWeekField = '', yearField = ''] = fields;
  if (fields.length !== 6) return { problem: `has ${fields.length} fields instead of 6` };
  if ((dayOfMonthField === '?') === (dayOfWeekField === '?')) return { problem: 'must have ? for one of day-of-month and day-of-week' };
  if (yearField !== '*') return { problem: 'must have * for the year: a sync that ends is no schedule' };
  const minutes = readCronField(minuteField, { min: 0, max: 59 });
  const hours = readCronField(hourField, { min: 0, max: 23 });
  const monthNumbers = readCronField(monthField, { min: 1, max: 12, names: months });
  const dayOfMonth = dayOfMonthField === '?' ? everyDay : readDayOfMonth(dayOfMonthField);
  const dayOfWeek = dayOfWeekField === '?' ? everyDay : readDayOfWeek(dayOfWeekField);
  if (!minutes || !hours || !dayOfMonth || !monthNumbers || !dayOfWeek) {
    const read = { minutes, hours, 'day-of-month': dayOfMonth, month: monthNumbers, 'day-of-week': dayOfWeek };
    const wrong = Object.entries(read).flatMap(([name, value], index) => (value ? [] : [`${name} ${JSON.stringify(fields[index])}`]));
    return { problem: `has no valid ${wrong.join(', ')}` };
  }
  const times = [...hours].flatMap((hour) => [...minutes].map((minute) => hour * 60 + minute)).sort((a, b) => a - b);
  return gapBetween(times, (day, month) => monthNumbers.has(month) && dayOfMonth(day) && dayOfWeek(day));
}

/** The calendar repeats after 28 years, leap days and weekdays included. */
const daysWatched = 28 * 365 + 7;

function gapBetween(times: readonly number[], runsOn: (day: CalendarDay, month: number) => boolean): LongestGap {
  let previous: number | undefined;
  let longest = 0;
  let daysInMonth = 0;
  for (let day = 0; day < daysWatched; day++) {
    const date = new Date(Date.UTC(2026, 0, 1 + day));
    const [dayOfMonth, month] = [date.getUTCDate(), date.getUTCMonth()];
    if (dayOfMonth === 1) daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate();
    if (!runsOn({ dayOfMonth, dayOfWeek: date.getUTCDay() + 1, daysInMonth }, month + 1)) continue;
    for (const time of times) {
      const minute = day * minutesPerDay + time;
      if (previous !== undefined) longest = Math.max(longest, minute - previous);
      previous = minute;
    }
  }
  return longest > 0 ? { gap: Duration.minutes(longest) } : { problem: 'never comes round' };
}
