import { assumedRole, AwsError, type RequestContext, parseArn } from '../core';
import type { HookTargets } from '../services/autoscaling';
import type { Lambda } from '../services/lambda';
import type { Sqs } from '../services/sqs';

const SERVICE_PRINCIPAL = 'autoscaling.amazonaws.com';

/** The queues and functions of one account and region, as the notifications of lifecycle hooks reach them. */
export class LifecycleHookTargets implements HookTargets {
  constructor(
    private readonly sqs: Sqs,
    private readonly lambda: Lambda,
    private readonly account: string,
    private readonly region: string,
  ) {}

  public send(targetArn: string, message: string, roleArn: string | undefined): void {
    const arn = parseArn(targetArn);
    const call = this.callOf(roleArn);
    if (arn?.service === 'sqs') {
      this.sqs.sendMessage({ QueueUrl: this.queueUrl(arn), MessageBody: message }, call);
    } else if (arn?.service === 'lambda') {
      // Refuses, before anything is promised, where there is no such function.
      this.lambda.getFunctionConfiguration({ FunctionName: targetArn }, call);
      const input = { FunctionName: targetArn, InvocationType: 'Event' as const, Payload: Buffer.from(message) };
      void this.lambda.invoke(input, call);
    } else throw new AwsError('NotFound', `There is nothing emulated at ${targetArn}.`, { status: 404 });
  }

  private queueUrl({ account, region, resource }: { account: string; region: string; resource: string }): string {
    return `https://sqs.${region}.amazonaws.com/${account}/${resource}`;
  }

  private callOf(roleArn: string | undefined): RequestContext {
    const { account, region } = this;
    const principal = roleArn === undefined ? SERVICE_PRINCIPAL : assumedRole(account, roleArn, 'AutoScaling');
    return { account, region, principal, endpoint: `https://sqs.${region}.amazonaws.com` };
  }
}
