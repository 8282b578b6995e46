import type { CloudContext, ResourceIdentity } from './cloud-context';
import { LocalResource } from './local-resource';
import type { AlarmRecord, AlarmState, AlarmTransition } from './recording/alarm-record';
import { type WaitOptions, waitUntil } from './wait-until';

/** An alarm of a local cloud. What it tells is of the moment at which it is asked. */
export class LocalAlarm extends LocalResource {
  private readonly record: AlarmRecord;

  /** @internal */
  constructor(context: CloudContext, identity: ResourceIdentity) {
    super(context, identity);
    const { account, region, name } = identity;
    this.record = context.recorder.alarm(`${account}/${region}`, name);
  }

  /** The state that it is in. */
  public get state(): AlarmState {
    return this.status.state;
  }

  /** Why it is in that state, in CloudWatch's words. */
  public get reason(): string {
    return this.status.reason;
  }

  /** Its changes of state, the oldest first. */
  public get history(): readonly AlarmTransition[] {
    return this.record.history;
  }

  /**
   * Lets time pass until it is in a state.
   * @throws NotReachedError
   */
  public async waitFor(state: AlarmState, options: WaitOptions = {}): Promise<void> {
    await waitUntil(this.context, () => this.state === state, `${this.label} is in ${state}`, options);
  }

  private get status() {
    const status = this.regionHandle.alarm(this.name);
    if (status === undefined) throw new Error(`the alarm ${this.label} is gone: it was deleted`);
    return status;
  }
}
