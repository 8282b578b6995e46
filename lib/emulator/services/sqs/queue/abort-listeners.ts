import { LinkedList, Link } from './linked-list';

/** A callback for an aborted request; unlinking it removes it. */
class HangUp extends Link {
  constructor(public readonly run: () => void) {
    super();
  }
}

/**
 * Callbacks for aborted requests. A consumer that polls repeatedly uses one signal, and adding a listener to a signal
 * costs more than the rest of a poll: so each signal has one listener for all of its callbacks.
 */
export class AbortListeners {
  private readonly bySignal = new WeakMap<AbortSignal, LinkedList<HangUp>>();

  /** Calls `run` when `signal` is aborted, unless the result is unlinked first. */
  public add(signal: AbortSignal, run: () => void): Link {
    let chain = this.bySignal.get(signal);
    if (chain === undefined) {
      const added = (chain = new LinkedList<HangUp>());
      this.bySignal.set(signal, added);
      const hangUp = () => {
        for (let next = added.first(); next !== undefined; next = added.first()) {
          next.unlink();
          next.run();
        }
      };
      signal.addEventListener('abort', hangUp, { once: true });
    }
    const entry = new HangUp(run);
    chain.append(entry);
    return entry;
  }
}
