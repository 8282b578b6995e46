import { routed } from '../support/routed';
import * as sdk from '@aws-sdk/client-sqs';
import { AwsError, type RequestContext } from '../../lib/emulator/core';
import { Random, VirtualClock } from '../../lib/emulator/clock';
import { Sqs, type SqsLimits } from '../../lib/emulator/services/sqs';
import { Timeline } from '../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler } from '../../lib/emulator/protocol';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const ENDPOINT = 'http://127.0.0.1:4566';
const CALL: RequestContext = {
  account: ACCOUNT,
  region: REGION,
  principal: `arn:aws:iam::${ACCOUNT}:user/tester`,
  endpoint: ENDPOINT,
};

export type Action = 'createQueue' | 'setQueueAttributes' | 'purgeQueue' | MessageAction;
type MessageAction = 'sendMessage' | 'sendMessageBatch' | 'receiveMessage' | DeleteAction | VisibilityAction;
type DeleteAction = 'deleteMessage' | 'deleteMessageBatch';
type VisibilityAction = 'changeMessageVisibility' | 'changeMessageVisibilityBatch';

/** The real queues, to be reached one way or another. */
export class Subject {
  readonly clock = new VirtualClock();
  readonly timeline = new Timeline(this.clock);
  readonly sqs: Sqs;
  private readonly client?: sdk.SQSClient;

  constructor(transport: 'class' | 'sdk', limits: Partial<SqsLimits>) {
    const { clock, timeline } = this;
    const random = new Random(1);
    const sqs = (this.sqs = new Sqs({ clock, random, timeline, account: ACCOUNT, region: REGION, limits }));
    if (transport === 'class') return;
    const services = [routed('sqs', () => sqs)];
    const router = new RequestRouter({ services, defaultAccount: ACCOUNT, defaultRegion: REGION, random });
    this.client = new sdk.SQSClient({
      region: REGION,
      endpoint: ENDPOINT,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'secret' },
      requestHandler: new InProcessRequestHandler(router),
      maxAttempts: 1,
    });
  }

  /** Calls an API action; gives what it gives, at once or as a promise. */
  call(action: Action, input: object): unknown {
    if (this.client === undefined) {
      const actions = this.sqs as unknown as Record<Action, (input: object, call: RequestContext) => unknown>;
      return actions[action](input, CALL);
    }
    const name = `${action[0].toUpperCase()}${action.slice(1)}Command`;
    const commands = sdk as unknown as Record<string, new (input: object) => sdk.SendMessageCommand>;
    return this.client.send(new commands[name](input as sdk.SendMessageCommandInput));
  }
}

export function arnOf(name: string): string {
  return `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
}

/** The code of an AWS error as a client of the Query protocol sees it; all else is thrown on. */
export function codeOf(error: unknown): string {
  if (error instanceof AwsError) return error.queryCode;
  if (error instanceof sdk.SQSServiceException) {
    return (error as { Error?: { Code?: string }; Code?: string }).Error?.Code ?? error.name;
  }
  throw error;
}
