/** Says in plain words what is where now, and what to do with a real account. */
export function describeNextSteps(output: string): string {
  return `   forbidden is no answer about a group: page-speed keeps its experiments, and counts as neither removed nor changed.
   not_found is one: the group is gone, or its key is misspelt.

6. What is where

   ./${output}/tables   five tables as gzipped JSON lines, a folder a day: Athena, DuckDB and Spark read them
   ./${output}/raw      what LaunchDarkly answered, as received: a run that was stopped goes on from there

   Run the demo again as often as you like: it adds two snapshots of new instants, and overwrites and deletes nothing.
   Nothing else is left of it. To be rid of everything: delete ./${output}

   Ask it yourself: npm run query -- --output ${output}
   lists tables, views and examples; SQL, or the name of an example, goes behind it in quotes.

7. With your own LaunchDarkly: a token of the Reader role is enough

   export LAUNCHDARKLY_ACCESS_TOKEN=api-…
   npm --silent run discover -- --project YOUR_PROJECT > targets.json
   npm run check -- --targets targets.json --output ./metric-groups
   npm run sync -- --targets targets.json --output ./metric-groups

   discover writes the list of targets, to be edited as you like ("metricGroupKey": "*" is every group of a project);
   check says whether token, targets and output are good; sync takes a snapshot. Each explains itself with --help.`;
}
