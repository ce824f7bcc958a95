import { Duration } from 'aws-cdk-lib';
import { PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import type { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { tablePrefix } from '../../lambda/contract/objects.ts';
import { folders } from '../output-location.ts';
import { createJobFoundation, type JobFoundation, type JobProps } from '../sync-job/job-foundation.ts';
import { createSyncFunction } from '../sync-job/sync-function.ts';
import { createSyncRole, type SyncRoleProps } from '../sync-job/sync-role.ts';
import { createSyncSchedule, maxHandOver } from '../sync-job/sync-schedule.ts';
import type { SyncSettings } from '../sync-job/sync-settings.ts';
import type { WatchedJob } from '../sync-job/watched-job.ts';
import { concurrencyProblem, reservationProblem, sharePace } from './share-pace.ts';
import { createSyncStateMachines } from './sync-state-machines.ts';

/** What is synced when, from where and to where, by a state machine instead of one function. */
export interface DistributedSyncJobProps extends JobProps {
  /**
   * How many slices are extracted at once. Each has its share of MAX_REQUESTS_PER_SECOND and MAX_CONCURRENT_REQUESTS.
   * @default 1
   */
  readonly maxConcurrency?: number;
  /**
   * How long a snapshot may take from its start to its commit. What is not sealed a day after its instant never will be.
   * @default Duration.hours(23)
   */
  readonly executionTimeout?: Duration;
}

/** A snapshot as a state machine: plan, a child a slice, publish. Same objects and same bytes as `SyncJob`, without its 15 minutes. */
export class DistributedSyncJob extends Construct implements WatchedJob {
  readonly name: string;
  readonly planFunction: NodejsFunction;
  readonly extractFunction: NodejsFunction;
  readonly publishFunction: NodejsFunction;
  readonly functions: readonly NodejsFunction[];
  /** The functions whose work is in one piece: they must end in time. */
  readonly boundFunctions: readonly NodejsFunction[];
  /** The state machine that syncs; an execution is named after its snapshot. */
  readonly stateMachine: StateMachine;
  /** The state machine that the schedule starts, and that starts the other. */
  readonly startStateMachine: StateMachine;
  readonly stateMachines: readonly StateMachine[];
  readonly logGroup: LogGroup;
  readonly accessTokenSecret: ISecret;
  readonly handOverQueue: IQueue;
  readonly timeout: Duration;
  readonly longestGap: Duration;
  readonly longestRun: Duration;

  constructor(scope: Construct, id: string, props: DistributedSyncJobProps) {
    super(scope, id);
    const { name, output, settings = {}, maxConcurrency = 1, executionTimeout = Duration.hours(23) } = props;
    const foundation = createJobFoundation(this, props, [
      ['maxConcurrency', maxConcurrency, concurrencyProblem(maxConcurrency, settings)],
      ['reservedConcurrency', props.reservedConcurrency, reservationProblem(props.reservedConcurrency, maxConcurrency)],
    ]);
    this.name = name;
    this.timeout = foundation.timeout;
    this.longestGap = foundation.longestGap;
    this.longestRun = maxHandOver.plus(executionTimeout);
    this.logGroup = foundation.logGroup;
    this.accessTokenSecret = foundation.accessTokenSecret;
    this.handOverQueue = foundation.handOverQueue;

    const commits = tablePrefix('sync_snapshots');
    const [token, raw] = [foundation.accessTokenSecret, folders.raw];
    const step = createStep(this, props, foundation, output);
    this.planFunction = step('Plan', 'plans', settings, {
      writes: [raw],
      reads: [raw, commits],
      secret: token,
      targets: foundation.targets,
    });
    this.extractFunction = step('Extract', 'extracts a slice', sharePace(settings, maxConcurrency), {
      writes: [raw],
      reads: [raw, commits],
      secret: token,
    });
    this.publishFunction = step('Publish', 'publishes', settings, { writes: [raw, folders.tables], reads: [raw, folders.tables] });
    this.functions = [this.planFunction, this.extractFunction, this.publishFunction];
    this.boundFunctions = [this.planFunction, this.publishFunction];
    const { sync, start } = createSyncStateMachines(this, {
      name,
      steps: { plan: this.planFunction, extract: this.extractFunction, publish: this.publishFunction },
      maxConcurrency,
      functionTimeout: foundation.timeout,
      executionTimeout,
      logRetention: foundation.logRetention,
    });
    this.stateMachine = sync;
    this.startStateMachine = start;
    this.stateMachines = [sync, start];
    createSyncSchedule(this, 'Schedule', {
      expression: props.schedule,
      timeZone: foundation.timeZone,
      target: { arn: start.stateMachineArn, action: 'states:StartExecution' },
      handOverQueue: this.handOverQueue,
    });
    if (props.permissionsBoundary) PermissionsBoundary.of(this).apply(props.permissionsBoundary);
  }
}

type Access = Pick<SyncRoleProps, 'writes' | 'reads' | 'secret' | 'targets'>;

/** Makes the functions of steps, each with a role of its own: no step may more than it does. */
function createStep(scope: Construct, props: DistributedSyncJobProps, foundation: JobFoundation, output: JobProps['output']) {
  return (name: 'Plan' | 'Extract' | 'Publish', does: string, settings: SyncSettings, access: Access): NodejsFunction => {
    const { logGroup, memorySize, timeout } = foundation;
    return createSyncFunction(scope, name, {
      entry: `steps/${name.toLowerCase()}-handler.ts`,
      description: `Syncs LaunchDarkly metric groups (${props.name}): ${does}`,
      role: createSyncRole(scope, `${name}Role`, { ...access, output, logGroup, description: `A step of a distributed sync: ${does}` }),
      logGroup,
      memorySize,
      timeout,
      reservedConcurrency: name === 'Extract' ? props.reservedConcurrency : undefined,
      environment: foundation.environmentOf(settings, access),
    });
  };
}
