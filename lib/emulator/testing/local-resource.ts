import type { HandleContext, ResourceIdentity } from './handle-context';

/** The members of every resource of a local cloud. */
export abstract class LocalResource<S = unknown, R = unknown> {
  /** Its physical name. */
  public readonly name: string;
  /** Its construct's path in its stack, or else its name. */
  public readonly label: string;
  /** Its account and Region. */
  public readonly place: { readonly account: string; readonly region: string };
  /** @internal */
  public readonly context: HandleContext<S, R>;
  /** @internal */
  protected readonly service: S;
  /** @internal */
  protected readonly record: R;

  /** @internal */
  constructor(context: HandleContext<S, R>, { account, region, name, label }: ResourceIdentity) {
    this.context = context;
    this.place = { account, region };
    this.name = name;
    this.label = label;
    this.service = context.service;
    this.record = context.record;
  }
}
