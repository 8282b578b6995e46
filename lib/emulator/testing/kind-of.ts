/** Describes a wrong argument in errors: an object's class, or else the value itself. */
export function kindOf(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  // An object without a prototype has no constructor, whatever its type says.
  const { constructor } = value as { readonly constructor?: { readonly name: string } };
  return constructor?.name ?? 'an object';
}
