import type { RegionHandle } from '../emulator';
import type { CloudContext, ResourceIdentity } from './cloud-context';

/** The members of every resource of a local cloud. */
export abstract class LocalResource {
  /** Its physical name. */
  public readonly name: string;
  /** Its construct's path in its stack, or else its name. */
  public readonly label: string;
  /** Its account and Region. */
  public readonly place: { readonly account: string; readonly region: string };
  /** @internal */
  public readonly context: CloudContext;
  /** @internal */
  protected readonly regionHandle: RegionHandle;

  /** @internal */
  constructor(context: CloudContext, { account, region, name, label }: ResourceIdentity) {
    this.context = context;
    this.place = { account, region };
    this.name = name;
    this.label = label;
    this.regionHandle = context.emulator.region(account, region);
  }
}
