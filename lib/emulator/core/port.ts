/**
 * A dependency of a service that is filled from outside: by an integration with another service, or by the compute that
 * runs handlers and workers. A port is a typed key; whoever builds a Region fills it.
 */
export interface Port<T> {
  readonly name: string;
  /** Never set: carries the type. */
  readonly type?: T;
}

export function port<T>(name: string): Port<T> {
  return { name };
}
