import { SyncError } from './errors.ts';
import { readSecretToken } from './read-secret-token.ts';

/** Kept between warm invocations, and read again when LaunchDarkly refuses it. */
let cached: { readonly secretId: string; readonly token: string } | undefined;

/**
 * Gives the access token of a secret to work; where LaunchDarkly refuses it, once more with the secret of now, if that is another.
 * @throws SyncError of kind `token_refused`, or what the work or reading the secret threw
 */
export async function withAccessToken<T>(secretId: string, work: (token: string) => Promise<T>, onRotated: () => void): Promise<T> {
  const token = await readToken(secretId);
  try {
    return await work(token);
  } catch (error) {
    if (!(error instanceof SyncError) || error.kind !== 'token_refused') throw error;
    cached = undefined;
    const current = await readToken(secretId);
    if (current === token) throw error;
    onRotated();
    return await work(current);
  }
}

async function readToken(secretId: string): Promise<string> {
  if (cached?.secretId !== secretId) cached = { secretId, token: await readSecretToken(secretId) };
  return cached.token;
}
