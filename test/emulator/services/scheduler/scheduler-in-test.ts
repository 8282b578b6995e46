import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  SchedulerClient,
  type Target,
} from '@aws-sdk/client-scheduler';
import type { EmulatorOptions } from '../../../../lib/emulator';
import { ACCOUNT, EventsInTest, REGION, type TransportName } from '../events/events-in-test';

export const GROUP_ARN = `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/default`;
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT}:role/scheduler`;
export const QUEUE_ARN = `arn:aws:sqs:${REGION}:${ACCOUNT}:q`;

const ALLOW_ALL = { Effect: 'Allow', Action: '*', Resource: '*' };
const TRUST = {
  Effect: 'Allow',
  Principal: { Service: 'scheduler.amazonaws.com' },
  Action: 'sts:AssumeRole',
};

/** A role of a schedule. */
export interface RoleSettings {
  readonly name?: string;
  /** The statement of its trust policy. @default - Scheduler may assume it */
  readonly trust?: object;
  /** The statement of its inline policy; null for none. @default - it may do everything */
  readonly policy?: object | null;
}

/** What a schedule in a test has beyond its defaults. */
export type ScheduleSettings = Partial<Omit<CreateScheduleCommandInput, 'Target'>> & {
  readonly target?: Partial<Target>;
};

/** An emulator on a virtual clock, with clients of EventBridge Scheduler and IAM. */
export class SchedulerInTest {
  static async open(transport: TransportName = 'in-process', options: EmulatorOptions = {}): Promise<SchedulerInTest> {
    const cloud = await EventsInTest.open(transport, { scheduleRetryBackoff: { jitter: 0 }, ...options });
    return new SchedulerInTest(cloud);
  }

  readonly scheduler: SchedulerClient;
  readonly iam: IAMClient;

  private constructor(readonly cloud: EventsInTest) {
    this.scheduler = new SchedulerClient(cloud.config());
    this.iam = new IAMClient(cloud.config());
  }

  get clock() {
    return this.cloud.clock;
  }

  /** Creates a role. Returns its ARN. */
  async role({ name = 'scheduler', trust = TRUST, policy = ALLOW_ALL }: RoleSettings = {}): Promise<string> {
    await this.iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: documentOf(trust) }));
    if (policy !== null) {
      const PolicyDocument = documentOf(policy);
      await this.iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'p', PolicyDocument }));
    }
    return `arn:aws:iam::${ACCOUNT}:role/${name}`;
  }

  /** A queue without a policy. Returns its ARN. */
  queue(name = 'q', attributes?: Record<string, string>): Promise<string> {
    return this.cloud.queue(name, { policy: null, attributes });
  }

  /** Creates the schedule `s`, every minute to the queue `q`, unless the settings say otherwise. */
  schedule(settings: ScheduleSettings = {}) {
    return this.scheduler.send(new CreateScheduleCommand(inputOf(settings)));
  }

  /** Records when something happens, in the timeline: `kind` and the time in UTC. */
  times(kind: string): string[] {
    const times: string[] = [];
    this.cloud.emulator.timeline.observe((event) => {
      if (event.kind === kind) times.push(new Date(event.at).toISOString().replace('.000Z', ''));
    });
    return times;
  }

  close(): Promise<void> {
    return this.cloud.close();
  }
}

/** The input of CreateSchedule and UpdateSchedule. */
export function inputOf({ target, ...settings }: ScheduleSettings = {}): CreateScheduleCommandInput {
  return {
    Name: 's',
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: QUEUE_ARN, RoleArn: ROLE_ARN, ...target },
    ...settings,
  };
}

export function documentOf(statement: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}
