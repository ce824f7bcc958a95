import { setTimeout as sleep } from 'node:timers/promises';
import type { Cell, Rows } from '../../lambda/query/ask-warehouse.ts';
import type { QueryEngine } from '../views/scenario.ts';

type Page = {
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string; readonly type: string }[];
  readonly data?: readonly (readonly Cell[])[];
  readonly error?: { readonly errorName: string; readonly message: string };
  readonly stats?: { readonly processedRows: number };
};

/** A session of Trino in one schema. Instants come as text with milliseconds. @see https://trino.io/docs/476/develop/client-protocol.html */
export function openTrinoEngine(url: string, schema: string): QueryEngine {
  const headers = { 'X-Trino-User': 'test', 'X-Trino-Catalog': 'awsdatacatalog', 'X-Trino-Schema': schema, 'X-Trino-Time-Zone': 'UTC' };
  return {
    query: async (sql) => {
      for (const endsAtMs = Date.now() + nodePatienceMs; ; await sleep(500)) {
        const answer = await run(await ask(`${url}/v1/statement`, { method: 'POST', body: sql, headers }));
        if (!('error' in answer)) return answer;
        const { errorName, message } = answer.error;
        if (errorName !== 'NO_NODES_AVAILABLE' || Date.now() > endsAtMs) throw new Error(`${errorName}: ${message}\n${sql}`);
      }
    },
  };
}

/** Trino says that it has started before it counts itself as a node, and forgets itself where the machine is busy: nothing was run then. */
const nodePatienceMs = 60_000;

async function run(first: Page): Promise<Rows | { readonly error: NonNullable<Page['error']> }> {
  let page = first;
  let columns: readonly string[] = [];
  const rows: (readonly Cell[])[] = [];
  for (;;) {
    if (page.error) return { error: page.error };
    columns = page.columns?.map(({ name }) => name) ?? columns;
    rows.push(...(page.data ?? []));
    if (page.nextUri === undefined) return { columns, rows };
    page = await ask(page.nextUri, {});
  }
}

async function ask(url: string, request: RequestInit): Promise<Page> {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Page;
}
