import { parseToken } from './contract/read-settings.ts';
import { describeError, SyncError } from './errors.ts';
import { isJsonObject } from './json/json-text.ts';

/**
 * Reads the access token from Secrets Manager: the secret is the token itself, or `{"accessToken": "…"}`.
 * @throws SyncError of kind `configuration`, or of kind `unreadable` for a passing trouble, that never holds the secret's value
 */
export async function readSecretToken(secretId: string, interrupt?: AbortSignal): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000, throwOnRequestTimeout: true },
  });
  try {
    const { SecretString } = await client.send(
      new GetSecretValueCommand({ SecretId: secretId }),
      interrupt === undefined ? {} : { abortSignal: interrupt },
    );
    if (SecretString === undefined) throw new SyncError('configuration', `the secret ${secretId} is binary; store the token as text`);
    return parseSecret(SecretString, secretId);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    if (interrupt?.aborted) throw interrupt.reason;
    const name = error instanceof Error ? error.name : '';
    throw new SyncError(
      isPassing(name) ? 'unreadable' : 'configuration',
      `the secret ${secretId} cannot be read (${name}: ${describeError(error)}); check ACCESS_TOKEN_SECRET_ID and that secretsmanager:GetSecretValue is allowed`,
      { cause: error },
    );
  } finally {
    client.destroy();
  }
}

/** Whether the same request may succeed later: only these names say that the request itself is wrong. */
const isPassing = (name: string): boolean =>
  !/^(ResourceNotFound|AccessDenied|Validation|InvalidParameter|InvalidRequest|Decryption)/.test(name);

function parseSecret(secret: string, secretId: string): string {
  let text = secret;
  if (secret.trimStart().startsWith('{')) {
    try {
      const parsed: unknown = JSON.parse(secret);
      text = isJsonObject(parsed) && typeof parsed['accessToken'] === 'string' ? parsed['accessToken'] : '';
    } catch {
      text = '';
    }
    if (text === '')
      throw new SyncError(
        'configuration',
        `the secret ${secretId} is a JSON object without a text "accessToken"; store {"accessToken": "api-…"}`,
      );
  }
  const token = parseToken(text);
  if ('problem' in token) throw new SyncError('configuration', `the secret ${secretId} ${token.problem}`);
  return token.value;
}
