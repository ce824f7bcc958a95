import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** How a function runs. */
export type SyncFunctionProps = {
  /** The module of its handler, within `lambda/`. */
  readonly entry: string;
  readonly description: string;
  readonly role: IRole;
  readonly logGroup: ILogGroup;
  readonly environment: Readonly<Record<string, string>>;
  readonly memorySize: number;
  readonly timeout: Duration;
  readonly reservedConcurrency: number | undefined;
};

const root = join(import.meta.dirname, '../..');

/** A function, bundled by the esbuild of this project: no Docker, no network. */
export function createSyncFunction(scope: Construct, id: string, props: SyncFunctionProps): NodejsFunction {
  const { role, logGroup, memorySize, timeout, reservedConcurrency, description } = props;
  return new NodejsFunction(scope, id, {
    description,
    entry: join(root, 'lambda', props.entry),
    projectRoot: root,
    depsLockFilePath: join(root, 'package-lock.json'),
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      mainFields: ['module', 'main'],
      // The SDK that was tested, not the one the runtime happens to have.
      bundleAwsSDK: true,
      minify: true,
      sourceMap: true,
      sourcesContent: false,
    },
    // The SDK keeps its connections open by itself; CDK's variable for it is of another age.
    awsSdkConnectionReuse: false,
    environment: { NODE_OPTIONS: '--enable-source-maps', ...props.environment },
    role,
    logGroup,
    loggingFormat: LoggingFormat.JSON,
    memorySize,
    timeout,
    ...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
  });
}

/** Lets Lambda run failed events again, and leave them in a queue after that. */
export function retryFailedEvents(syncFunction: NodejsFunction, failureQueue: IQueue): void {
  syncFunction.configureAsyncInvoke({
    retryAttempts,
    maxEventAge: Duration.hours(6),
    // Not SqsDestination: its grant reads queue attributes as well.
    onFailure: { bind: () => ({ destination: failureQueue.queueArn }) },
  });
}

/** How often Lambda runs a failed snapshot again, each time going on from where it ended. */
export const retryAttempts = 2;
