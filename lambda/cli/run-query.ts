import type { Writable } from 'node:stream';
import { readSavedQuery, type SavedQueryName, savedQueryNames, savedQueryTitles } from '../contract/saved-queries.ts';
import { tables } from '../contract/tables.ts';
import { views } from '../contract/views.ts';
import { runStatement } from '../query/ask-warehouse.ts';
import { formatRows, type RowFormat } from '../query/format-rows.ts';
import { openLocalWarehouse } from '../query/open-local-warehouse.ts';
import type { CommandContext } from './command-context.ts';
import type { Invocation } from './program.ts';
import { readOutputUri } from './read-output-uri.ts';

/** Asks the tables and views of a local output directory, or tells what can be asked. */
export async function runQuery(invocation: Invocation, { environment, interrupt, stdout }: CommandContext): Promise<number> {
  const { isCsv, isJson, problems } = invocation;
  const outputUri = readOutputUri(invocation, environment, [
    ...problems,
    ...(isCsv && isJson ? ['--csv and --json are both given: choose one'] : []),
  ]);
  const format: RowFormat = isJson ? 'json' : isCsv ? 'csv' : 'table';
  const warehouse = await openLocalWarehouse(outputUri);
  const stop = (): void => warehouse.connection.interrupt();
  interrupt.addEventListener('abort', stop);
  try {
    interrupt.throwIfAborted();
    const sql = invocation.sql?.trim() ?? '';
    if (sql === '') stdout.write(describeWarehouse(outputUri));
    else await print(formatRows(await runStatement(warehouse, savedQueryText(sql) ?? sql), format), stdout, interrupt);
    return 0;
  } catch (error) {
    interrupt.throwIfAborted();
    throw error;
  } finally {
    interrupt.removeEventListener('abort', stop);
    warehouse.close();
  }
}

/** Writes pieces to stdout no faster than they are read, and no more of them where the reader went away. */
async function print(pieces: AsyncIterable<string>, stdout: Writable, interrupt: AbortSignal): Promise<void> {
  for await (const piece of pieces) {
    interrupt.throwIfAborted();
    const failure = await new Promise<unknown>((resolve) => stdout.write(piece, resolve));
    if (failure) return;
  }
}

/** What stands for an example's name: its SQL. `UNLOAD` is Athena's alone. */
const examples = savedQueryNames.filter((name) => !name.startsWith('unload_'));

function savedQueryText(name: string): string | undefined {
  return examples.includes(name as SavedQueryName) ? readSavedQuery(name as SavedQueryName, '').sql : undefined;
}

function describeWarehouse(outputUri: string): string {
  const list = (entries: readonly (readonly [string, string])[]): string => {
    const width = Math.max(...entries.map(([name]) => name.length));
    return entries.map(([name, comment]) => `  ${name.padEnd(width)}  ${comment}\n`).join('');
  };
  return `Tables in ${outputUri}
${list(Object.entries(tables).map(([name, { comment }]) => [name, comment]))}
Views over them
${list(Object.entries(views).map(([name, { comment }]) => [name, comment]))}
Examples, by name (their SQL is in lambda/contract/saved-queries/, to be changed as you like)
${list(examples.map((name) => [name, savedQueryTitles[name]]))}
  npm run query -- --output ${outputUri} "select * from metric_groups_current"
  npm run query -- --output ${outputUri} --csv ${examples[1]}
`;
}
