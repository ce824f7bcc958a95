import { setTimeout as sleep } from 'node:timers/promises';
import { createFaultPicker, type Fault } from './faults.ts';
import { type Answer, listenLocally, type ReceivedRequest } from './http-listener.ts';
import { verifySignature } from './signature.ts';
import { type AccountOptions, accountEnvironment, resolveAccount } from './simulated-account.ts';

/** One line of the request log; it never holds a secret. */
export interface SecretsManagerRequestRecord {
  /** The operation of `X-Amz-Target`, e.g. `GetSecretValue`. */
  readonly operation: string;
  readonly secretId: string;
  /** 0 while there is no answer, and for ever after a reset. */
  status: number;
}

/** What a fault does: an error answer, or a connection reset. */
export type SecretsManagerEffect = 'AccessDeniedException' | 'ThrottlingException' | 'InternalServiceError' | 'reset';

/** A fault of the simulated Secrets Manager. */
export type SecretsManagerFault = Fault<{ readonly operation: string; readonly secretId: string }, SecretsManagerEffect>;

/** How to start the simulated Secrets Manager. */
export interface SecretsManagerOptions extends AccountOptions {
  /** Secret strings by name or ARN. */
  readonly secrets?: Readonly<Record<string, string>>;
}

/** A running simulated Secrets Manager. */
export interface SimulatedSecretsManager {
  readonly url: string;
  /** Variables that lead the SDK here: `AWS_ENDPOINT_URL_SECRETS_MANAGER`, region and credentials. */
  readonly environment: Readonly<Record<string, string>>;
  /** Secrets, text or binary, by the id they are asked for with: a name or an ARN. */
  readonly secrets: Map<string, string | Buffer>;
  readonly requests: SecretsManagerRequestRecord[];
  faults: SecretsManagerFault[];
  /** Cuts all connections and waits, and ends at once. */
  close(): Promise<void>;
}

/** Starts a Secrets Manager on a free port of 127.0.0.1 that verifies signatures and knows GetSecretValue alone. */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<SimulatedSecretsManager> {
  const account = resolveAccount(options);
  const pickFaults = createFaultPicker<{ operation: string; secretId: string }, SecretsManagerEffect>();
  const state = {
    secrets: new Map<string, string | Buffer>(Object.entries(options.secrets ?? {})),
    requests: [] as SecretsManagerRequestRecord[],
    faults: [] as SecretsManagerFault[],
  };

  const { url, close } = await listenLocally(async (received, closing) => {
    const input = readInput(received.body);
    const operation = String(received.headers['x-amz-target'] ?? '').replace(/^secretsmanager\./, '');
    const record: SecretsManagerRequestRecord = { operation, secretId: String(input?.['SecretId'] ?? ''), status: 0 };
    state.requests.push(record);
    const answer = refuse(received, record) ?? (await respond(record, input, closing));
    if (answer === 'reset') return answer;
    record.status = answer.status;
    return answer;
  });

  async function respond(record: SecretsManagerRequestRecord, input: Input, closing: AbortSignal): Promise<Answer | 'reset'> {
    const { delayMs, effect } = pickFaults(state.faults, record);
    if (delayMs > 0) await sleep(delayMs, undefined, { signal: closing });
    if (effect === 'reset') return effect;
    return effect === undefined ? getSecretValue(record.secretId, input) : answerFault(effect);
  }

  function refuse(received: ReceivedRequest, { operation, secretId }: SecretsManagerRequestRecord): Answer | undefined {
    const verdict = verifySignature(received, { ...account, service: 'secretsmanager' }, Date.now());
    if (!verdict.ok) {
      const type = verdict.code === 'InvalidAccessKeyId' ? 'UnrecognizedClientException' : 'InvalidSignatureException';
      return answerError(400, type, verdict.message);
    }
    const isJson = received.headers['content-type'] === 'application/x-amz-json-1.1';
    if (!isJson || operation !== 'GetSecretValue') return answerError(400, 'UnknownOperationException', `not simulated: '${operation}'`);
    if (secretId === '') return answerError(400, 'InvalidParameterException', 'SecretId is missing');
    return undefined;
  }

  function getSecretValue(id: string, input: Input): Answer {
    const secret = state.secrets.get(id);
    const stage = input?.['VersionStage'] ?? 'AWSCURRENT';
    if (secret === undefined || stage !== 'AWSCURRENT' || input?.['VersionId'] !== undefined) {
      return answerError(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    const arn = id.startsWith('arn:') ? id : `arn:aws:secretsmanager:${account.region}:000000000000:secret:${id}-AbCdEf`;
    const name = arn.replace(/^.*:secret:/, '').replace(/-\w{6}$/, '');
    const value = typeof secret === 'string' ? { SecretString: secret } : { SecretBinary: secret.toString('base64') };
    return answerJson(200, { ARN: arn, Name: name, ...value, VersionStages: ['AWSCURRENT'], CreatedDate: 1767225600 });
  }

  return Object.assign(state, { url, close, environment: accountEnvironment(account, 'AWS_ENDPOINT_URL_SECRETS_MANAGER', url) });
}

type Input = Record<string, unknown> | undefined;

function readInput(body: Buffer): Input {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

function answerFault(effect: Exclude<SecretsManagerEffect, 'reset'>): Answer {
  return answerError(effect === 'InternalServiceError' ? 500 : 400, effect, `a fault of the simulated Secrets Manager: ${effect}`);
}

function answerError(status: number, type: string, message: string): Answer {
  return answerJson(status, { __type: type, message });
}

function answerJson(status: number, value: unknown): Answer {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: Buffer.from(JSON.stringify(value)) };
}
