/** What references of a template come to, by `LogicalId` without its hash, `LogicalId.Attribute` and `AWS::…`. */
export type Physical = Readonly<Record<string, string>>;

/**
 * Resolves the intrinsic functions that CDK writes.
 * @throws Error for a reference that `physical` does not name, and for any other function
 */
export function resolveTemplate(value: unknown, physical: Physical): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveTemplate(item, physical));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return look(physical, withoutHash(String(argument)));
  if (name === 'Fn::GetAtt') return look(physical, (argument as string[]).map(withoutHash).join('.'));
  if (name === 'Fn::Sub') return String(argument).replace(/\$\{([^}]+)\}/g, (_whole, reference: string) => look(physical, reference));
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => resolveTemplate(part, physical)).join(separator);
  }
  if (name === 'Fn::Base64') return Buffer.from(String(resolveTemplate(argument, physical))).toString('base64');
  if (name.startsWith('Fn::')) throw new Error(`${name} is not resolved here`);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolveTemplate(inner, physical)]));
}

function look(physical: Physical, reference: string): string {
  const found = physical[reference];
  if (found === undefined) throw new Error(`the template refers to ${reference}, which has no value here`);
  return found;
}

const withoutHash = (logicalId: string): string => logicalId.replace(/[0-9A-F]{8}$/, '');
