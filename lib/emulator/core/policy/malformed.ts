/** A policy is malformed. The message says what is wrong, and where. */
export class MalformedPolicy extends Error {
  public override readonly name = 'MalformedPolicy';
}

export function malformed(message: string): MalformedPolicy {
  return new MalformedPolicy(message);
}

/** Returns a string, or a list of strings, as a list. */
export function textsOf(value: unknown, where: string): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw malformed(`${where} is empty`);
  return list.map((item) => {
    if (typeof item !== 'string') throw malformed(`${where} must be a string or a list of strings`);
    return item;
  });
}
