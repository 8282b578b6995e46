import type { FunctionError } from '../../lambda';
import type { ExecutionEnvironment } from './execution-environment';
import type { HandlerInvocation, HandlerResult } from './handler-call';
import type { InvocationLog } from './invocation-log';

type WriteLine = (stream: 'stdout' | 'stderr', text: string) => void;

/** An environment whose lines go into the log of the invocation that runs in it, and elsewhere between invocations. */
export class PooledEnvironment implements ExecutionEnvironment {
  /** The log of the invocation that runs now. */
  public log?: InvocationLog;
  public initialized = false;
  private readonly environment: ExecutionEnvironment;

  constructor(create: (log: WriteLine) => ExecutionEnvironment, betweenInvocations: WriteLine) {
    this.environment = create((stream, text) => {
      if (this.log === undefined) betweenInvocations(stream, text);
      else this.log.write(stream, text);
    });
  }

  public get alive(): boolean {
    return this.environment.alive;
  }

  public async initialize(requestId: string): Promise<FunctionError | undefined> {
    const error = await this.environment.initialize(requestId);
    this.initialized = error === undefined;
    return error;
  }

  public invoke(invocation: HandlerInvocation): Promise<HandlerResult> {
    return this.environment.invoke(invocation);
  }

  public memoryUsed(): number | undefined {
    return this.environment.memoryUsed();
  }

  public kill(): Promise<void> {
    return this.environment.kill();
  }
}
