import { CfnNamedQuery, type CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IDatabase } from 'aws-cdk-lib/aws-glue';
import type { Construct } from 'constructs';
import { readSavedQuery, type SavedQueryName } from '../../lambda/contract/saved-queries.ts';
import { folders, type OutputLocation, uriWithin } from '../output-location.ts';

/** Where a saved query runs, and where what it unloads goes. */
export type SavedQueryProps = { readonly database: IDatabase; readonly workgroup: CfnWorkGroup; readonly location: OutputLocation };

/** A question of the contract that analysts find under "Saved queries" of the workgroup. */
export function createSavedQuery(scope: Construct, id: string, name: SavedQueryName, props: SavedQueryProps): CfnNamedQuery {
  const { title, description, sql } = readSavedQuery(name, uriWithin(props.location, folders.queryResults));
  return new CfnNamedQuery(scope, id, {
    name: title,
    description,
    queryString: sql,
    database: props.database.databaseName,
    workGroup: props.workgroup.ref,
  });
}
