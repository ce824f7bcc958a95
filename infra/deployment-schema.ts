import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import * as v from 'valibot';
import { alarmNames } from './monitoring/alarm-declarations.ts';
import { emailProblem } from './monitoring/monitoring.ts';
import { prefixProblem } from './output-location.ts';
import { longestGap } from './schedule/longest-gap.ts';
import { firstDateProblem, firstReleaseDate } from './warehouse/warehouse-table.ts';

/** A text that a rule finds nothing wrong with. */
const text = (problem: (value: string) => string | undefined, otherwise = 'must be a text') =>
  v.pipe(
    v.string(otherwise),
    v.rawCheck(({ dataset, addIssue }) => {
      const message = dataset.typed ? problem(dataset.value) : undefined;
      if (message !== undefined) addIssue({ message });
    }),
  );

const matching = (rule: RegExp, message: string) => text((value) => (rule.test(value) ? undefined : message), message);

/** As strict as CDK and CloudFormation are, who would name neither the deployment nor the key. */
const arnOf = (place: string, resource: RegExp, example: string) =>
  matching(new RegExp(`^arn:aws[a-z-]*:${place}:${resource.source}$`), `must be an ARN such as ${example}`);
const [region, account] = ['[a-z]{2}(?:-[a-z]+)+-\\d', '\\d{12}'];

const topicArn = arnOf(`sns:${region}:${account}`, /[\w-]{1,256}(?:\.fifo)?/, 'arn:aws:sns:eu-central-1:111122223333:alarms');
const secretArn = arnOf(
  `secretsmanager:${region}:${account}`,
  /secret:[\w/+=.@-]+-[A-Za-z0-9]{6}/,
  'arn:aws:secretsmanager:eu-central-1:111122223333:secret:name-AbCdEf, with the six characters at its end',
);
const keyArn = arnOf(
  `kms:${region}:${account}`,
  /key\/(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|mrk-[0-9a-f]{32})/,
  'arn:aws:kms:eu-central-1:111122223333:key/0f0e0d0c-1111-2222-3333-444455556666, no alias',
);
const policyArn = arnOf(`iam::(?:${account}|aws)`, /policy\/[\w+=,.@/-]+/, 'arn:aws:iam::111122223333:policy/boundary');

const whole = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  return v.pipe(
    v.number(message),
    v.check((value) => Number.isInteger(value) && value >= min && value <= max, message),
  );
};

const retentionDays = Object.values(RetentionDays).filter(
  (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
);

const scheduleRule = 'must be such as rate(1 day) or cron(0 6 * * ? *)';

function scheduleProblem(schedule: string): string | undefined {
  const gap = longestGap(schedule);
  return 'problem' in gap ? `${scheduleRule}, but ${gap.problem}` : undefined;
}

function timeZoneProblem(timeZone: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return /^[+-]/.test(timeZone) ? 'must be a name such as Europe/Berlin' : undefined;
  } catch {
    return 'must be a name such as UTC or Europe/Berlin';
  }
}

const bucketRule = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** The entries of a deployment in `cdk.json`, with their rules and defaults. */
export const deploymentEntries = {
  /** When a snapshot is taken, as EventBridge Scheduler reads it. */
  schedule: text(scheduleProblem, scheduleRule),
  /** Time zone of a cron schedule; where clocks change, a time that does not exist is skipped. */
  timeZone: v.optional(text(timeZoneProblem), 'Etc/UTC'),
  /** A file beside `cdk.json`, deployed with the stack, or `s3://bucket/key` of an object that somebody keeps up to date. */
  targets: matching(/./, 'must be the path of a file, or s3://bucket/key'),
  /** The contract's settings by their variables, such as `{"MAX_REQUESTS_PER_SECOND": 5}`. */
  settings: v.optional(v.record(v.string(), v.unknown(), 'must be an object such as {"MAX_REQUESTS_PER_SECOND": 5}'), {}),
  /** The account; without it, that of the credentials at hand. */
  account: v.optional(matching(/^\d{12}$/, 'must be the 12 digits of an account, in quotes')),
  /** The region; as above. */
  region: v.optional(matching(new RegExp(`^${region}$`), 'must be a region such as eu-central-1')),
  /** Address that alarms are mailed to. */
  alarmEmail: v.optional(text(emailProblem)),
  /** Topic that exists already and alarms go to, instead of an address or beside it. */
  alarmTopicArn: v.optional(topicArn),
  /** Alarms to go without. */
  alarmsOff: v.optional(v.array(v.picklist(alarmNames, `must be one of ${alarmNames.join(', ')}`), 'must be a list of alarms'), []),
  /** Whether there are alarms and a dashboard. */
  monitoring: v.optional(v.boolean('must be true or false'), true),
  /** Folder of the bucket that everything is kept in. */
  outputPrefix: v.optional(text(prefixProblem), 'metric-groups'),
  /** How long raw answers are kept, from which tables can be rebuilt. */
  rawRetentionDays: v.optional(whole(1, 36_500), 365),
  /** How long versions that were replaced or deleted can be brought back. */
  oldVersionRetentionDays: v.optional(whole(1, 36_500), 30),
  /** How long results of queries are kept. */
  queryResultRetentionDays: v.optional(whole(1, 36_500), 7),
  /** How long logs are kept. */
  logRetentionDays: v.optional(v.picklist(retentionDays, `must be one of ${retentionDays.join(', ')}`), RetentionDays.THREE_MONTHS),
  /** How much a single query may scan. */
  scanLimitGibibytes: v.optional(whole(1, 100_000), 10),
  /** The first UTC date that queries look at: what is before it they do not find, and each day since costs a listing. */
  firstSnapshotDate: v.optional(text(firstDateProblem), firstReleaseDate),
  /** Memory of the function, and with it its share of a processor. */
  memoryMebibytes: v.optional(whole(256, 10_240), 1024),
  /** How many runs at once: 1 lets runs that overlap follow each other. Fresh accounts have none to reserve. */
  reservedConcurrency: v.optional(whole(1, 1000)),
  /** A bucket that exists already, in place of a new one. */
  bucketName: v.optional(matching(bucketRule, "must be a bucket's name")),
  /** A secret that exists already and holds the token, in place of a new one. */
  secretArn: v.optional(secretArn),
  /** Key for bucket, results, secret and queues, in place of keys that AWS manages. */
  encryptionKeyArn: v.optional(keyArn),
  /** Boundary of the roles that the stack makes. */
  permissionsBoundaryArn: v.optional(policyArn),
} satisfies v.ObjectEntries;

/** An entry as it is after validation, defaults filled in. */
export type DeploymentEntries = v.InferOutput<ReturnType<typeof v.object<typeof deploymentEntries>>>;
