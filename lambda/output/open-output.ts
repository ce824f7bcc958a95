import type { Environment } from '../contract/read-settings.ts';
import { createDirectoryOutput } from './directory-output.ts';
import type { Output } from './output.ts';

/** Opens the output that a URI names; the AWS client is loaded for `s3://` alone. */
export async function openOutput(uri: string, environment: Environment): Promise<Output> {
  if (!uri.startsWith('s3://')) return createDirectoryOutput(uri);
  const { createS3Client, createS3Output } = await import('./s3-output.ts');
  return createS3Output(uri, createS3Client(environment));
}
