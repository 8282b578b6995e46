import { userId } from '../../core';

const MOST_KEPT = 10_000;

/** The SenderIds that SQS shows for callers: to make one takes longer than to send a message, and few callers send many. */
export class SenderIds {
  private readonly ids = new Map<string, string>();

  public of(principal: string): string {
    let id = this.ids.get(principal);
    if (id === undefined) {
      if (this.ids.size >= MOST_KEPT) this.ids.clear();
      this.ids.set(principal, (id = userId(principal)));
    }
    return id;
  }
}
