import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from '../aws/s3-server.ts';
import { startSecretsManager } from '../aws/secrets-manager-server.ts';
import { compileCache } from '../end-to-end/run-cli.ts';
import { resolveTemplate } from '../infra/resolve-template.ts';
import { projectFolder, type Resource, resourcesOf, synthesize } from '../infra/synthesize.ts';
import { startLambda } from '../lambda/lambda-process.ts';
import { startLaunchDarkly } from '../launchdarkly/server.ts';
import { createWorld } from '../launchdarkly/world.ts';
import { callOfSecretsRequest, callsOfS3Request } from './calls-of-requests.ts';
import { applies, type Call, type Grant, grantsOf, isAllowed, type Statement } from './policy-evaluator.ts';

const steps = ['Plan', 'Extract', 'Publish'] as const;
type Step = (typeof steps)[number];

const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-AbCdEf';
const template = synthesize({ distributed: true, targets: 's3://lists/targets.json', secretArn });
const physical = {
  'AWS::Partition': 'aws',
  WarehouseBucket: 'warehouse',
  'WarehouseBucket.Arn': 'arn:aws:s3:::warehouse',
  'SyncLogs.Arn': 'arn:aws:logs:eu-central-1:111122223333:log-group:logs:*',
};

function resource(type: string, name: string): Resource {
  const found = Object.entries(resourcesOf(template, type)).find(([id]) => id.replace(/[0-9A-F]{8}$/, '') === name);
  if (!found) throw new Error(`no ${type} ${name}`);
  return found[1];
}

function grantsOfStep(step: Step): Grant[] {
  const policies = resolveTemplate(resource('AWS::IAM::Role', `Sync${step}Role`).Properties['Policies'], physical);
  return grantsOf((policies as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement));
}

function variablesOfStep(step: Step): Record<string, string> {
  const { Variables } = resource('AWS::Lambda::Function', `Sync${step}`).Properties['Environment'] as { Variables: unknown };
  return resolveTemplate(Variables, physical) as Record<string, string>;
}

/** What each step asks of S3 and Secrets Manager, over two snapshots of which the second meets all there is. */
async function recordCalls(): Promise<Record<Step, Call[]>> {
  const folder = mkdtempSync(join(tmpdir(), 'step-permissions-'));
  const launchDarkly = await startLaunchDarkly({ world: createWorld({ projects: { demo: 5 } }) });
  const s3 = await startS3({ buckets: ['warehouse', 'lists'] });
  const body = Buffer.from(JSON.stringify([{ projectKey: 'demo', metricGroupKey: '*' }]));
  s3.objects.set('lists/targets.json', { body, metadata: {}, contentType: 'application/json' });
  const secrets = await startSecretsManager({ secrets: { [secretArn]: launchDarkly.token } });
  const calls: Record<Step, Call[]> = { Plan: [], Extract: [], Publish: [] };
  const lambdas = await Promise.all(
    steps.map((step) => {
      mkdirSync(join(folder, step));
      // Not the bundle: it asks for the same things, and would take seconds to make.
      const url = pathToFileURL(join(projectFolder, `lambda/steps/${step.toLowerCase()}-handler.ts`));
      writeFileSync(join(folder, step, 'index.mjs'), `export { handler } from '${url}';\n`);
      const around = {
        ...s3.environment,
        ...secrets.environment,
        LAUNCHDARKLY_BASE_URL: launchDarkly.url,
        MAX_REQUESTS_PER_SECOND: '500',
        NODE_COMPILE_CACHE: compileCache,
      };
      return startLambda(join(folder, step), { ...variablesOfStep(step), ...around });
    }),
  );
  const invoke = async (step: Step, event: object): Promise<void> => {
    const [before, secretsBefore] = [s3.requests.length, secrets.requests.length];
    expect(await lambdas[steps.indexOf(step)]?.invoke(event)).toMatchObject({ kind: 'response' });
    calls[step].push(...s3.requests.slice(before).flatMap(callsOfS3Request));
    calls[step].push(...secrets.requests.slice(secretsBefore).map(callOfSecretsRequest));
  };
  try {
    for (const minutes of [2, 1]) {
      const scheduledTime = new Date(Math.floor(Date.now() / 1000) * 1000 - minutes * 60_000).toISOString();
      for (const [step, effect] of [
        ['Plan', 'plan'],
        ['Extract', '/parts/'],
        ['Publish', '/tables/'],
      ] as const) {
        // The answer to a PUT is lost: the step meets its own object and asks whose it is.
        s3.faults = [{ match: ({ key, method }) => method === 'PUT' && key.includes(effect), times: 1, effect: 'reset-after' }];
        await invoke(step, { scheduledTime, slice: 0 });
      }
      for (const step of steps) await invoke(step, { scheduledTime, slice: 0 });
    }
    return calls;
  } finally {
    await Promise.all([...lambdas.map((lambda) => lambda.close()), launchDarkly.close(), s3.close(), secrets.close()]);
    rmSync(folder, { recursive: true });
  }
}

describe('the policies of the three roles', () => {
  let calls: Record<Step, Call[]>;
  beforeAll(async () => {
    calls = await recordCalls();
  });

  test.each(steps)('%s may do all that it does, and nothing more but to log', (step) => {
    const grants = grantsOfStep(step);
    expect(calls[step].length).toBeGreaterThan(5);
    expect(calls[step].filter((call) => !isAllowed(grants, call))).toEqual([]);
    const unused = grants.filter((grant) => !calls[step].some((call) => applies(grant, call)));
    expect(unused.map(({ sid, action }) => `${sid} ${action}`)).toEqual(['WriteLogs logs:CreateLogStream', 'WriteLogs logs:PutLogEvents']);
  });

  test('none of them may delete, and only publishing may write tables', () => {
    const may = (step: Step, action: string, key: string): boolean =>
      isAllowed(grantsOfStep(step), { action, resource: `arn:aws:s3:::warehouse/metric-groups/${key}` });
    expect(steps.filter((step) => may(step, 's3:DeleteObject', 'raw/a'))).toEqual([]);
    expect(steps.filter((step) => may(step, 's3:PutObject', 'tables/a'))).toEqual(['Publish']);
    expect(steps.filter((step) => may(step, 's3:GetObject', 'tables/metric_groups/a'))).toEqual(['Publish']);
  });
});
