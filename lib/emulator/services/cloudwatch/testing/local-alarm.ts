import { LocalResource, type WaitOptions } from '../../../testing';
import type { AlarmState } from '../alarms/evaluation';
import type { CloudWatch } from '../cloudwatch';
import type { AlarmRecord, AlarmTransition } from './alarm-record';

/** An alarm of a local cloud. What it tells is of the moment at which it is asked. */
export class LocalAlarm extends LocalResource<CloudWatch, AlarmRecord> {
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
    await this.context.waitUntil(() => this.state === state, `${this.label} is in ${state}`, options);
  }

  private get status() {
    const status = this.service.alarms().find(({ name }) => name === this.name);
    if (status === undefined) throw new Error(`the alarm ${this.label} is gone: it was deleted`);
    return status;
  }
}
