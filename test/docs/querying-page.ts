import { describeSavedQueryScenario } from '../views/saved-query-scenario.ts';
import { createTimes, type Times } from '../views/scenario.ts';
import type { HistorySnapshot } from '../views/write-history.ts';

/** The day that docs/querying.md speaks of as today, and how far back its history goes. */
const pageTimes = createTimes(Date.UTC(2026, 10, 25));
const daysOfHistory = [0, -1, -2, -3];

/** The history that the page asks about, as it would be if its last day were that of some times. */
export const pageHistory = (times: Times): readonly HistorySnapshot[] => describeSavedQueryScenario(times).history;

/** Runs a statement or a saved query, and gives its rows as `npm run query` prints them. */
export type AskPage = (statement: string) => Promise<string>;

/**
 * Puts the answer to every statement of the page that has a block of text below it. A statement is a block of SQL, or what a shell
 * block asks through `npm run query`.
 */
export async function answerPage(page: string, times: Times, ask: AskPage): Promise<string> {
  const answers = new Map<number, string>();
  for (const { index, 0: match, groups = {} } of page.matchAll(answered)) {
    const statement = groups['sql'] ?? statementsOf(groups['sh'] ?? '').at(-1) ?? '';
    const rows = await ask(moveDates(statement, pageTimes, times));
    answers.set(
      index,
      match.replace(/```text\n[\s\S]*$/, () => `\`\`\`text\n${moveDates(rows, times, pageTimes)}\`\`\``),
    );
  }
  return page.replaceAll(answered, (match, ...rest) => answers.get(rest.at(-3)) ?? match);
}

const answered = /^```(?:sql\n(?<sql>(?:(?!```)[\s\S])*?)|sh\n(?<sh>(?:(?!```)[\s\S])*?))```\n\n```text\n(?:(?!```)[\s\S])*```/gm;

/** What commands ask through `npm run query`: SQL in quotes, or names of saved queries. */
export const statementsOf = (commands: string): string[] =>
  [...commands.matchAll(/run query -- --output \S+ (?:--csv |--json )?(?:"(?<sql>[^"]+)"|(?<name>\w+))/g)].map(
    ({ groups = {} }) => groups['sql'] ?? groups['name'] ?? '',
  );

/** Text with the days of one history put to those of another. */
function moveDates(text: string, from: Times, to: Times): string {
  const days = new Map(daysOfHistory.map((day) => [from.date(day), to.date(day)]));
  for (const [day, other] of [...days]) days.set(day.replaceAll('-', ''), other.replaceAll('-', ''));
  return text.replaceAll(new RegExp([...days.keys()].join('|'), 'g'), (day) => days.get(day) ?? day);
}
