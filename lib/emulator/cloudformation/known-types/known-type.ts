import { TABLE } from './table';

/** What kind of value an attribute has. */
export type AttributeKind = 'arn' | 'boolean' | 'list' | 'number' | 'text';

/** What CloudFormation says of a resource type's `Ref` and attributes. */
export interface KnownType {
  readonly type: string;
  /** The property that names a resource. */
  readonly namedBy: string | undefined;
  /** The parts of `Ref`, which are joined by `|`. */
  readonly identifiers: readonly string[];
  /** The ARN after the partition, with variables: `states:{Region}:{Account}:stateMachine:{StateMachineName}`. */
  readonly arn: string | undefined;
  readonly attributes: ReadonlyMap<string, AttributeKind>;
}

const KINDS: Readonly<Record<string, AttributeKind>> = { '*': 'arn', '#': 'number', '?': 'boolean', '+': 'list' };

let lines: ReadonlyMap<string, string> | undefined;

/** What CloudFormation says of a resource type; undefined if it has no such type. */
export function knownType(type: string): KnownType | undefined {
  // Read when it is first needed: most stacks only have types that a service defines.
  lines ??= new Map(
    TABLE.trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('|')), line]),
  );
  const line = lines.get(type);
  if (line === undefined) return undefined;
  const [, namedBy, identifiers, arn, attributes] = line.split('|');
  return {
    type,
    namedBy: namedBy === '' ? undefined : namedBy,
    identifiers: identifiers === '' ? [] : identifiers.split(','),
    arn: arn === '' ? undefined : arn,
    attributes: new Map(attributes === '' ? [] : attributes.split(',').map(attributeOf)),
  };
}

/** All resource types that CloudFormation has. */
export function knownTypes(): string[] {
  return TABLE.trimEnd()
    .split('\n')
    .map((line) => line.slice(0, line.indexOf('|')));
}

function attributeOf(text: string): [string, AttributeKind] {
  const kind = KINDS[text.slice(-1)] as AttributeKind | undefined;
  return kind === undefined ? [text, 'text'] : [text.slice(0, -1), kind];
}
