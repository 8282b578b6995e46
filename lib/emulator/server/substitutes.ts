import type { Clock } from '../clock';
import { AwsError, signingNameOf } from '../core';
import { answerByStub, type CredentialScope, type HttpResponse, type StubHandler, type Substitute } from '../protocol';
import { type Forward, forwardProblem, forwardRequest } from './forwarding';

/** Forwards by service, as options give them: an endpoint, or one with credentials. */
export type Forwards = Readonly<Record<string, string | Forward>>;

/** What answers the requests to services in the emulator's place: stubs, and servers that requests are forwarded to. */
export class Substitutes {
  private readonly stubs = new Map<string, Substitute>();
  private readonly forwards = new Map<string, Substitute>();

  /** @throws {RangeError} if an endpoint is malformed, or public */
  constructor(
    private readonly clock: Clock,
    forwards: Forwards,
    /** The account of a caller, for the credentials of forwarded requests. */
    private readonly accountOf: (scope: CredentialScope) => string,
  ) {
    for (const [service, given] of Object.entries(forwards)) {
      const forward = typeof given === 'string' ? { endpoint: given } : given;
      const problem = forwardProblem(forward.endpoint);
      if (problem !== undefined) throw new RangeError(`forward ${service} ${problem}`);
      this.forwards.set(signingNameOf(service), (exchange, scope) => this.forward(service, forward, exchange, scope));
    }
  }

  /** What answers the requests to a service, by its signing name; undefined if the emulator does. */
  public of(signingName: string): Substitute | undefined {
    return this.stubs.get(signingName) ?? this.forwards.get(signingName);
  }

  /** Answers all requests to a service by a handler, until another one. */
  public stub(service: string, handler: StubHandler): void {
    this.stubs.set(signingNameOf(service), (exchange) => {
      const answer = answerByStub(handler, exchange);
      if (!(answer instanceof Promise)) return answer;
      const release = this.clock.hold();
      return answer.finally(release);
    });
  }

  private async forward(
    service: string,
    { endpoint, credentials }: Forward,
    { request, fail }: Parameters<Substitute>[0],
    scope: CredentialScope,
  ): Promise<HttpResponse> {
    const release = this.clock.hold();
    const own = { accessKeyId: this.accountOf(scope), secretAccessKey: 'local' };
    try {
      return await forwardRequest(request, scope, { endpoint, credentials: credentials ?? own });
    } catch (error) {
      const { message, cause } = error as Error;
      const reason = cause instanceof Error && cause.message !== '' ? cause.message : message;
      const text = `${service} is forwarded to ${endpoint}, which does not answer: ${reason}`;
      return fail(new AwsError('ServiceUnavailable', text, { status: 503, fault: 'Receiver' }));
    } finally {
      release();
    }
  }
}
