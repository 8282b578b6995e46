import { createHash } from 'node:crypto';
import type { Clock } from '../../clock';
import { conflict } from './errors';
import { LIMITS } from './limits';

interface Answer {
  /** The digest of the request: it may be long, and is kept for hours. */
  readonly request: string;
  readonly output: object;
  readonly until: number;
}

/** Answers a request with a known client token like the first one, as SDK clients repeat requests whose answer is lost. */
export class ClientTokens {
  /** By action and token, oldest first. */
  private readonly answers = new Map<string, Answer>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** @throws AwsError ConflictException if the token was that of a request with other parameters */
  public once<T extends object>(action: string, input: { readonly ClientToken?: string }, run: () => T): T {
    if (input.ClientToken === undefined) return run();
    const now = this.clock.now();
    this.forgetOld(now);
    const key = `${action} ${input.ClientToken}`;
    const request = createHash('sha256').update(JSON.stringify(input)).digest('base64');
    const known = this.answers.get(key);
    if (known === undefined) {
      const output = run();
      this.answers.set(key, { request, output, until: now + LIMITS.clientTokens });
      return output;
    }
    if (known.request !== request) throw conflict('The client token was used with other parameters.');
    return known.output as T; // the action determines the type
  }

  private forgetOld(now: number): void {
    for (const [key, { until }] of this.answers) {
      if (until > now) return;
      this.answers.delete(key);
    }
  }
}
