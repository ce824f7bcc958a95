import { parseToken } from './contract/settings.ts';
import { describeError, SyncError } from './errors.ts';
import { isJsonObject } from './json/json-text.ts';

/**
 * Reads the access token from Secrets Manager: the secret is the token itself, or `{"accessToken": "…"}`.
 * @throws SyncError of kind `configuration`, or of kind `output` for a passing trouble, that never holds the secret's value
 */
export async function readSecretToken(secretId: string): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({});
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    return parseSecret(SecretString, secretId);
  } catch (error) {
    if (error instanceof SyncError) throw error;
    const name = error instanceof Error ? error.name : '';
    throw new SyncError(
      isPassing(name) ? 'output' : 'configuration',
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
