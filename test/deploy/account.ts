import { type CommandOptions, runCommand } from '../engines/run-command.ts';

/** The simulated account as one principal sees it. */
export type Account = {
  readonly options: CommandOptions;
  /** Runs a command of the AWS CLI and returns its JSON; throws with AWS's own message when it is refused. */
  aws<T = unknown>(...args: readonly string[]): Promise<T>;
};

type AccessKey = { readonly AccessKeyId: string; readonly SecretAccessKey: string; readonly SessionToken: string };

/** The account for whoever the variables of `options` hold the keys of. */
export function createAccount(options: CommandOptions): Account {
  // Said twice: for SQS the CLI goes past AWS_ENDPOINT_URL, to AWS.
  const always = ['--endpoint-url', options.environment['AWS_ENDPOINT_URL'] ?? '', '--output', 'json'];
  return {
    options,
    aws: async (...args) => {
      const printed = await runCommand('aws', [...args, ...always], options);
      return printed.trim() === '' ? undefined : JSON.parse(printed);
    },
  };
}

/** What a stand-in may do: policies that stand in the account, as they are. */
export type StandInPolicies = {
  readonly managed?: string;
  readonly inline?: unknown;
};

/**
 * Creates a role with given policies and returns the account as that role sees it.
 * For principals whose own role is not anybody's to take, and for people who are given a policy.
 */
export async function actAs(root: Account, name: string, policies: StandInPolicies): Promise<Account> {
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '*' } }] };
  const { Role } = await root.aws<{ Role: { Arn: string } }>(
    ...['iam', 'create-role', '--role-name', name, '--assume-role-policy-document', JSON.stringify(trust)],
  );
  if (policies.managed !== undefined) {
    await root.aws('iam', 'attach-role-policy', '--role-name', name, '--policy-arn', policies.managed);
  }
  if (policies.inline !== undefined) {
    const document = JSON.stringify(policies.inline);
    await root.aws('iam', 'put-role-policy', '--role-name', name, '--policy-name', 'Given', '--policy-document', document);
  }
  const { Credentials: key } = await root.aws<{ Credentials: AccessKey }>(
    ...['sts', 'assume-role', '--role-arn', Role.Arn, '--role-session-name', 'deploy-test'],
  );
  return createAccount({
    ...root.options,
    environment: {
      ...root.options.environment,
      AWS_ACCESS_KEY_ID: key.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: key.SecretAccessKey,
      AWS_SESSION_TOKEN: key.SessionToken,
    },
  });
}
