import type { Services } from '../services';
import type { Region } from './region';

/** The Regions of all accounts, each started on first use, and lookups of resources across them by name. */
export class Regions {
  private readonly byPlace = new Map<string, Region>();

  constructor(private readonly start: (account: string, region: string) => Region) {}

  public get all(): Region[] {
    return [...this.byPlace.values()];
  }

  /** An account's Region, started if necessary. */
  public at(account: string, region: string): Region {
    const place = `${account}/${region}`;
    let running = this.byPlace.get(place);
    if (running === undefined) this.byPlace.set(place, (running = this.start(account, region)));
    return running;
  }

  /** An account's Region, if it has started. */
  public begun(account: string, region: string): Region | undefined {
    return this.byPlace.get(`${account}/${region}`);
  }

  /** An account's started Regions. */
  public ofAccount(account: string): Region[] {
    return this.all.filter((region) => region.account === account);
  }

  /** Removes and returns all Regions. */
  public takeAll(): Region[] {
    const { all } = this;
    this.byPlace.clear();
    return all;
  }

  /**
   * Runs an action on an instance, in whichever Region it is.
   * @param action returns whether the instance is in the Region
   * @throws RangeError if it is in none
   */
  public withInstance(instanceId: string, action: (region: Region) => boolean): void {
    for (const region of this.all) if (action(region)) return;
    const known = this.all.flatMap(({ services }) => services.autoscaling.groups());
    const ids = known.flatMap(({ instances, warmPool }) => [...instances, ...warmPool].map(({ id }) => id));
    throw unknown('instance', instanceId, ids);
  }

  /**
   * The Region with a function of this name.
   * @throws RangeError if no Region, or more than one, has such a function
   */
  public ofFunction(functionName: string): Region {
    return this.having('function', functionName, ({ lambda }) => lambda.functions());
  }

  /**
   * The Region with an Auto Scaling group of this name.
   * @throws RangeError if no Region, or more than one, has such a group
   */
  public ofGroup(groupName: string): Region {
    return this.having('Auto Scaling group', groupName, ({ autoscaling }) => autoscaling.groups());
  }

  private having(
    kind: string,
    wanted: string,
    list: (services: Services) => readonly { readonly name: string }[],
  ): Region {
    const there = this.all.filter(({ services }) => list(services).some(({ name }) => name === wanted));
    if (there.length === 1) return there[0];
    if (there.length > 1) {
      const places = there.map(({ account, region }) => `${account}/${region}`).join(', ');
      throw new RangeError(
        `the ${kind} ${wanted} exists in ${places}: use emulator.region(account, region) to name one of them`,
      );
    }
    const known = this.all.flatMap(({ services }) => list(services));
    throw unknown(
      kind,
      wanted,
      known.map(({ name }) => name),
    );
  }
}

function unknown(kind: string, name: string, known: readonly string[]): RangeError {
  const there = known.length === 0 ? 'there is none' : `there are ${known.join(', ')}`;
  return new RangeError(`there is no ${kind} ${name}: ${there}`);
}
