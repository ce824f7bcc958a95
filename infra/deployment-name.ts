/** What is wrong with a deployment's name; undefined where nothing is. Stack, database, workgroup and metrics are named after it. */
export function nameProblem(name: string): string | undefined {
  return /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 40
    ? undefined
    : 'must be up to 40 lower-case letters, digits and single "-", and start with a letter';
}
