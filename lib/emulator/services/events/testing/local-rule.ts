import { formatArn } from '../../../core';
import { DispatchingResource } from '../../../testing';
import type { Events } from '../events';
import { busAndRule } from './rule-name';

/**
 * An EventBridge rule of a local cloud: with a pattern, a schedule or both. What it sends are the events that matched
 * and those of its schedule; what their targets get may be another text, by their input transformers.
 */
export class LocalRule extends DispatchingResource<Events> {
  public readonly noun = 'event';

  public get arn(): string {
    const { region, account } = this.place;
    const { bus, rule } = busAndRule(this.name);
    return formatArn('events', region, account, `rule/${bus === 'default' ? rule : `${bus}/${rule}`}`);
  }

  /** Whether it is enabled. */
  public get enabled(): boolean {
    return this.service.describeRule(this.reference, this.context.caller).State !== 'DISABLED';
  }

  /** How many events it has sent to targets; one that has no target sends none. */
  public get fired(): number {
    return this.record.count;
  }

  public enable(): void {
    this.service.enableRule(this.reference, this.context.caller);
  }

  public disable(): void {
    this.service.disableRule(this.reference, this.context.caller);
  }

  private get reference() {
    const { bus, rule } = busAndRule(this.name);
    return { Name: rule, EventBusName: bus };
  }
}
