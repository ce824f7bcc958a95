import { resolveTemplate } from '../infra/resolve-template.ts';
import { plainDeployment, resourcesOf, synthesize } from '../infra/synthesize.ts';
import type { MotoServer } from './moto-server.ts';

/** What a synthesized deployment puts into Glue and Athena, references resolved: a database and a bucket of its own. */
export type Catalogue = {
  readonly database: string;
  readonly bucket: string;
  readonly outputUri: string;
  readonly savedQueries: readonly { readonly Name: string; readonly QueryString: string }[];
  readonly resources: readonly { readonly action: 'CreateDatabase' | 'CreateTable'; readonly input: unknown }[];
};

/** Synthesizes a deployment, as `cdk synth` does; what it returns makes catalogues of it, as if it were deployed under each name. */
export function synthesizeCatalogue(firstSnapshotDate: string): (name: string) => Catalogue {
  const template = synthesize({ ...plainDeployment, monitoring: false, firstSnapshotDate });
  return (name) => {
    const physical = {
      WarehouseBucket: name,
      WarehouseDatabase: name.replaceAll('-', '_'),
      WarehouseWorkgroup: name,
      'AWS::AccountId': '123456789012',
    };
    const resolved = <T>(type: string): T[] =>
      Object.values(resourcesOf(template, type)).map(({ Properties }) => resolveTemplate(Properties, physical) as T);
    const [database] = resolved<{ DatabaseInput: { Name: string } }>('AWS::Glue::Database');
    if (database === undefined) throw new Error('the template has no database');
    // A template without a name leaves it to CloudFormation, and so to `physical`.
    const named = { ...database, DatabaseInput: { ...database.DatabaseInput, Name: physical.WarehouseDatabase } };
    return {
      database: physical.WarehouseDatabase,
      bucket: name,
      outputUri: `s3://${name}/metric-groups`,
      savedQueries: resolved('AWS::Athena::NamedQuery'),
      resources: [
        { action: 'CreateDatabase', input: named },
        ...resolved('AWS::Glue::Table').map((input) => ({ action: 'CreateTable' as const, input })),
      ],
    };
  };
}

/** Registers a catalogue through Glue's API. */
export async function registerCatalogue(moto: MotoServer, { resources }: Catalogue): Promise<void> {
  for (const { action, input } of resources) await moto.callGlue(action, input);
}
