import { LinkedList, Link } from './linked-list';

/** Something to be done when a caller hangs up; it is forgotten when it is unlinked. */
class HangUp extends Link {
  constructor(public readonly run: () => void) {
    super();
  }
}

/**
 * What is to be done when callers hang up. A consumer that polls again and again does so with one signal, and adding a
 * listener to a signal costs more than the rest of a poll: so each signal has one listener for all.
 */
export class AbortListeners {
  private readonly bySignal = new WeakMap<AbortSignal, LinkedList<HangUp>>();

  /** Has `run` called when `signal` is aborted, unless the result is unlinked before. */
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
