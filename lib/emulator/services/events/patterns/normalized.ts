/**
 * Returns an event as patterns see it: a name with dots is the same as objects within one another. Returns the event
 * itself if it has no such names.
 */
export function normalized(event: unknown): unknown {
  return hasDottedName(event) ? expanded(event) : event;
}

function hasDottedName(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasDottedName);
  for (const name in value) {
    if (name.includes('.') || hasDottedName((value as Record<string, unknown>)[name])) return true;
  }
  return false;
}

function expanded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(expanded);
  const root = Object.create(null) as Record<string, unknown>;
  for (const [name, inner] of Object.entries(value)) place(root, name.split('.'), expanded(inner));
  return root;
}

function place(object: Record<string, unknown>, [name, ...rest]: string[], value: unknown): void {
  const present = object[name];
  if (rest.length === 0) {
    // Both spellings of a path can occur: an event then has both values there.
    object[name] = present === undefined ? value : merged(present, value);
    return;
  }
  const inner = isObject(present) ? present : (Object.create(null) as Record<string, unknown>);
  place(inner, rest, value);
  object[name] = present === undefined || inner === present ? inner : [present, inner];
}

function merged(one: unknown, other: unknown): unknown {
  if (!isObject(one) || !isObject(other)) return [one, other];
  for (const [name, value] of Object.entries(other)) {
    one[name] = name in one ? merged(one[name], value) : value;
  }
  return one;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
