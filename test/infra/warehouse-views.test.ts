/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the template as `readable` writes them */
import { describe, expect, test } from 'vitest';
import { prestoTypes } from '../../infra/warehouse/warehouse-view.ts';
import { readSavedQuery, savedQueryNames } from '../../lambda/contract/saved-queries.ts';
import { type Column, tables } from '../../lambda/contract/tables.ts';
import { comparedColumns, readViewSql, type ViewName, viewNames, views } from '../../lambda/contract/views.ts';
import { resolveTemplate } from './resolve-template.ts';
import { readable, resourcesOf, synthesize } from './synthesize.ts';

type ViewInput = {
  readonly Name: ViewName;
  readonly TableType: string;
  readonly ViewOriginalText: unknown;
  readonly StorageDescriptor: { readonly Columns: readonly unknown[] };
};

const template = synthesize();
const inputs = Object.values(resourcesOf(template, 'AWS::Glue::Table'))
  .map(({ Properties }) => Properties['TableInput'] as ViewInput)
  .filter(({ TableType }) => TableType === 'VIRTUAL_VIEW');

describe('views', () => {
  test("are the contract's, no more and no fewer", () => {
    expect(inputs.map(({ Name }) => Name).sort()).toEqual([...viewNames].sort());
  });

  test.each(inputs)('$Name: query, stored columns and Glue columns are those of the contract', ({ Name, ViewOriginalText, ...input }) => {
    const columns: readonly Column[] = views[Name].columns;
    const text = resolveTemplate(ViewOriginalText, { WarehouseDatabase: 'sync' }) as string;
    const [, base64 = ''] = /^\/\* Presto View: ([A-Za-z0-9+/=]+) \*\/$/.exec(text) ?? [];
    expect(JSON.parse(Buffer.from(base64, 'base64').toString())).toEqual({
      originalSql: readViewSql(Name).trim(),
      catalog: 'awsdatacatalog',
      schema: 'sync',
      columns: columns.map(({ name, type }) => ({ name, type: prestoTypes[type] })),
    });
    expect(input).toEqual({
      TableType: 'VIRTUAL_VIEW',
      // Trino takes none without an owner, and hides one with a description.
      Owner: 'hadoop',
      Parameters: { presto_view: 'true', comment: 'Presto View' },
      ViewExpandedText: '/* Presto View */',
      StorageDescriptor: {
        Columns: columns.map(({ name, type, comment }) => ({ Name: name, Type: type, Comment: comment })),
        SerdeInfo: {},
      },
    });
  });

  test.each(viewNames)('%s is short enough to be read, and lists its columns', (view) => {
    const sql = readViewSql(view);
    expect(sql.split('\n').length).toBeLessThan(60);
    expect(sql).toMatch(/^-- [A-Z].*\.\n/);
    // `select *` in what a view returns breaks it on the day a column is added.
    expect(sql.slice(sql.lastIndexOf('\nselect'))).not.toContain('*');
  });

  test('metric_group_changes compares all own columns of metric_groups but the keys, each in its place', () => {
    const [, names = ''] = /\(1, 'removed', null\),([\s\S]*?)\n {2}\) as c/.exec(readViewSql('metric_group_changes')) ?? [];
    const listed = [...names.matchAll(/\((\d+), 'changed', '([a-z_]+)'\)/g)].map(([, position, name]) => [Number(position), name]);
    expect(listed).toEqual(comparedColumns.map(({ name }, index) => [index + 1, name]));
    expect(comparedColumns).toHaveLength(tables.metric_groups.ownColumns.length - 2);
  });
});

describe('saved queries', () => {
  test('are in the workgroup, each over the database, with its title, and what it unloads goes to the results', () => {
    const saved = Object.values(resourcesOf(template, 'AWS::Athena::NamedQuery')).map(({ Properties }) => readable(Properties));
    const expected = savedQueryNames.map((name) => {
      const { title, description, sql } = readSavedQuery(name, '${WarehouseBucket}');
      return {
        Name: title,
        Description: description,
        QueryString: sql.replace('${WarehouseBucket}', 's3://${WarehouseBucket}/metric-groups/athena-results/'),
        Database: '${WarehouseDatabase}',
        WorkGroup: '${WarehouseWorkgroup}',
      };
    });
    expect(saved).toEqual(expected);
  });
});
