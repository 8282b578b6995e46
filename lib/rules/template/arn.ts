/** The parts of an ARN, some of which may be pseudo parameters: the colons in their names don't separate parts. */
export function arnParts(arn: string): (string | undefined)[] {
  return arn.match(/(?:\$\{[^}]*\}|[^:])+|(?<=:)(?=:|$)/g) ?? [];
}
