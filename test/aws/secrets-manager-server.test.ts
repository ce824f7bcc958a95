import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, test, vi } from 'vitest';
import { startSecretsManager } from './secrets-manager-server.ts';

describe('the simulated Secrets Manager, asked by the AWS SDK', () => {
  const arn = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:launchdarkly/token-a1B2c3';
  const ask = (SecretId: string, client = new SecretsManagerClient({})) => client.send(new GetSecretValueCommand({ SecretId }));

  test('answers secrets by name and ARN, text and binary, faults, and nothing to a wrong signature', async () => {
    const server = await startSecretsManager({ secrets: { [arn]: 'api-1' } });
    for (const [name, value] of Object.entries(server.environment)) vi.stubEnv(name, value);
    server.secrets.set('named', 'api-2');
    const { AWS_ACCESS_KEY_ID: accessKeyId = '' } = server.environment;
    const impostor = new SecretsManagerClient({ credentials: { accessKeyId, secretAccessKey: 'wrong' } });
    try {
      expect(await ask(arn)).toMatchObject({ ARN: arn, Name: 'launchdarkly/token', SecretString: 'api-1' });
      expect(await ask('named')).toMatchObject({ Name: 'named', SecretString: 'api-2' });
      server.secrets.set('binary', Buffer.from([0, 255]));
      expect((await ask('binary')).SecretBinary).toEqual(Uint8Array.of(0, 255));
      await expect(ask('missing')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
      await expect(ask('named', impostor)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
      server.faults = [{ match: ({ secretId }) => secretId === 'named', times: 1, effect: 'AccessDeniedException' }];
      await expect(ask('named')).rejects.toMatchObject({ name: 'AccessDeniedException' });
      server.faults = [{ match: () => true, times: 1, effect: 'reset' }];
      expect(await ask('named')).toMatchObject({ SecretString: 'api-2' });
      expect(server.requests.map(({ secretId, status }) => [secretId, status])).toEqual([
        [arn, 200],
        ['named', 200],
        ['binary', 200],
        ['missing', 400],
        ['named', 400],
        ['named', 400],
        ['named', 0],
        ['named', 200],
      ]);
    } finally {
      vi.unstubAllEnvs();
      await server.close();
    }
  });
});
