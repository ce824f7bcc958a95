/** The credentials and the region that the simulated AWS servers accept. */
export interface SimulatedAccount {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** The options every simulated server takes; by default all of them share one account, so their environments can be merged. */
export type AccountOptions = Partial<SimulatedAccount>;

/** Fills in what the options leave open. */
export function resolveAccount(options: AccountOptions): SimulatedAccount {
  return {
    accessKeyId: options.accessKeyId ?? 'AKIASIMULATED0000000',
    secretAccessKey: options.secretAccessKey ?? 'simulated/secret+access-key',
    region: options.region ?? 'eu-central-1',
  };
}

/** The environment variables that lead AWS SDK v3 clients made without settings to a simulated server. */
export function accountEnvironment(account: SimulatedAccount, endpointVariable: string, url: string): Record<string, string> {
  return {
    [endpointVariable]: url,
    AWS_REGION: account.region,
    AWS_ACCESS_KEY_ID: account.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
  };
}
