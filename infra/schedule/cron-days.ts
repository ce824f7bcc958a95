import { readCronField, readCronNumber } from './cron-field.ts';

/** A day of the calendar, as the day fields of a cron expression see it. */
export type CalendarDay = {
  readonly dayOfMonth: number;
  /** From 1, Sunday, to 7. */
  readonly dayOfWeek: number;
  readonly daysInMonth: number;
};

/** Whether a field takes a day. */
export type DayRule = (day: CalendarDay) => boolean;

const daysOfMonth = { min: 1, max: 31 };
const daysOfWeek = { min: 1, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };

/** Reads the day-of-month field: numbers, `L` (the last day) and `15W` (the weekday nearest to the 15th). */
export function readDayOfMonth(text: string): DayRule | undefined {
  if (text === 'L') return ({ dayOfMonth, daysInMonth }) => dayOfMonth === daysInMonth;
  if (text.endsWith('W')) {
    const day = readCronNumber(text.slice(0, -1), daysOfMonth);
    return day === undefined ? undefined : (candidate) => isNearestWeekday(candidate, day);
  }
  const numbers = readCronField(text, daysOfMonth);
  return numbers && (({ dayOfMonth }) => numbers.has(dayOfMonth));
}

/** Reads the day-of-week field: numbers or names, `L` (Saturday), `6L` (the month's last Friday) and `2#1` (its first Monday). */
export function readDayOfWeek(text: string): DayRule | undefined {
  if (text === 'L') return ({ dayOfWeek }) => dayOfWeek === 7;
  const [, name = '', nth] = /^(\w+)(?:L|#([1-5]))$/.exec(text) ?? [];
  if (name !== '') {
    const wanted = readCronNumber(name, daysOfWeek);
    if (wanted === undefined) return undefined;
    return ({ dayOfMonth, dayOfWeek, daysInMonth }) =>
      dayOfWeek === wanted && (nth === undefined ? dayOfMonth > daysInMonth - 7 : Math.ceil(dayOfMonth / 7) === Number(nth));
  }
  const numbers = readCronField(text, daysOfWeek);
  return numbers && (({ dayOfWeek }) => numbers.has(dayOfWeek));
}

function isNearestWeekday({ dayOfMonth, dayOfWeek, daysInMonth }: CalendarDay, wanted: number): boolean {
  if (wanted > daysInMonth || dayOfWeek === 1 || dayOfWeek === 7) return false;
  if (dayOfMonth === wanted) return true;
  // Saturday moves to the Friday before, Sunday to the Monday after, and neither leaves the month.
  if (dayOfWeek === 6) return dayOfMonth === wanted - 1 || (dayOfMonth === wanted - 2 && wanted === daysInMonth);
  return dayOfWeek === 2 && (dayOfMonth === wanted + 1 || (dayOfMonth === wanted + 2 && wanted === 1));
}
