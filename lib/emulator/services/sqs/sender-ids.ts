import { userId } from '../../core';

const MOST_KEPT = 10_000;

/** Caches the SenderIds of callers: computing one takes longer than sending a message, and there are few callers. */
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
