/** What a deployment to MiniStack says nothing about. */
export const notProved = `What this does not prove, because MiniStack is not AWS:
- CloudFormation. MiniStack validates no properties (cfn-lint does that, above) and drops some, such as the lifecycle of the bucket;
  the order of creation, quotas, roll-back and removal are AWS's own.
- Who may deploy. CDK goes through the roles of its bootstrap and they are enforced, but CloudFormation's role is not asked.
- Services acting by themselves. That Lambda assumes the function's role, writes its logs (WriteLogs) and sends failed events
  (ReportFailedRuns), and that Scheduler assumes its own role and sends to its queue, is not checked: a stand-in with the policy of the
  schedule's role invokes the function here. MiniStack's Scheduler knows neither the time zone nor <aws.scheduler.scheduled-time>.
- The runtime. MiniStack runs the deployed zip in a loop of its own, on this machine's processor: AWS's runtime client is in npm test;
  arm64, memory and the real time limit are nowhere. A failed event is tried again after 0.1 and 0.2 s, not after 1 and 2 minutes.
- S3's answer for a missing object (404 or 403), conditional writes under load, encryption, versions, KMS keys.
- Athena. Tables are read from S3 by an analyst's policy and through DuckDB; workgroup, projection and SQL dialect are not used, and saved
  queries are left out of the templates. Views and saved queries are proved on Trino by npm run test:athena.
- Alarms, dashboard, log queries, mail, cost.
`;
