/**
 * What a service needs from outside itself, and does not know who gives it: another service, through an integration, or
 * what runs handlers and workers. A port is a key with a type; whoever builds a Region fills it.
 */
export interface Port<T> {
  readonly name: string;
  /** Never there: it carries the type. */
  readonly type?: T;
}

export function port<T>(name: string): Port<T> {
  return { name };
}
