import type { Cell } from '../../lambda/query/ask-warehouse.ts';
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
  return {
    query: async (sql) => {
      let page = await ask(`${url}/v1/statement`, {
        method: 'POST',
        body: sql,
        headers: { 'X-Trino-User': 'test', 'X-Trino-Catalog': 'awsdatacatalog', 'X-Trino-Schema': schema, 'X-Trino-Time-Zone': 'UTC' },
      });
      let columns: readonly string[] = [];
      const rows: (readonly Cell[])[] = [];
      for (;;) {
        if (page.error) throw new Error(`${page.error.errorName}: ${page.error.message}\n${sql}`);
        columns = page.columns?.map(({ name }) => name) ?? columns;
        rows.push(...(page.data ?? []));
        if (page.nextUri === undefined) return { columns, rows };
        page = await ask(page.nextUri, {});
      }
    },
  };
}

async function ask(url: string, request: RequestInit): Promise<Page> {
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`Trino answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Page;
}
