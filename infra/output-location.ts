import { Token } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Where a deployment keeps its objects: a prefix of a bucket. */
export type OutputLocation = {
  readonly bucket: IBucket;
  /** Without a slash at either end; empty for the whole bucket. */
  readonly prefix: string;
};

/** The folders that a deployment has in its location; analysts see `tables/` and `athena-results/`, the function `raw/` and `tables/`. */
export const folders = { raw: 'raw/', tables: 'tables/', queryResults: 'athena-results/' } as const;

/** A key, or the start of keys, within the location. */
export const keyWithin = ({ prefix }: OutputLocation, key: string): string => (prefix === '' ? key : `${prefix}/${key}`);

/** The `s3://` URI of something within the location. */
export const uriWithin = (location: OutputLocation, key: string): string => location.bucket.s3UrlForObject(keyWithin(location, key));

/** The `s3://` URI of the location itself, as the sync takes it. */
export const outputUri = ({ bucket, prefix }: OutputLocation): string => bucket.s3UrlForObject(prefix === '' ? undefined : prefix);

/** The ARN of all objects in a folder of the location. */
export const objectsWithin = (location: OutputLocation, folder: string): string =>
  location.bucket.arnForObjects(`${keyWithin(location, folder)}*`);

/** What is wrong with a prefix; undefined where nothing is. Athena does not see objects below a folder that starts with `_` or `.`. */
export function prefixProblem(prefix: string): string | undefined {
  if (prefix === '' || Token.isUnresolved(prefix)) return undefined;
  const isFine = prefix.length <= 200 && prefix.split('/').every((folder) => /^[A-Za-z0-9][A-Za-z0-9._=-]*$/.test(folder));
  return isFine
    ? undefined
    : 'must be folders of letters, digits, ".", "_", "=" and "-" that start with a letter or digit, at most 200 characters, without / at either end';
}
