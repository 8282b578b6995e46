import { routed } from '../../../support/routed';
import { AutoScaling as AutoScalingSdk, type CreateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { TargetTrackingAlarms } from '../../../../lib/emulator/integrations/autoscaling-alarms';
import type { RequestContext } from '../../../../lib/emulator/core';
import {
  AutoScaling,
  type AutoScalingLimits,
  type Fleet,
  type LaunchedInstance,
} from '../../../../lib/emulator/services/autoscaling';
import { Random, SECOND, VirtualClock } from '../../../../lib/emulator/clock';
import { type AlarmNotice, CloudWatch } from '../../../../lib/emulator/services/cloudwatch';
import { Ec2 } from '../../../../lib/emulator/services/ec2';
import { Timeline, type TimelineEvent } from '../../../../lib/emulator/timeline';
import { RequestRouter, InProcessRequestHandler } from '../../../../lib/emulator/protocol';

export const START = Date.UTC(2030, 0, 1);

export const call: RequestContext = {
  account: '000000000000',
  region: 'us-east-1',
  principal: 'arn:aws:iam::000000000000:root',
  endpoint: 'http://127.0.0.1',
};

/** A fleet whose instances take `shutdown` milliseconds to end. */
class BareFleet implements Fleet {
  public readonly running = new Map<string, LaunchedInstance>();

  constructor(
    private readonly clock: VirtualClock,
    private readonly shutdown: number,
  ) {}

  public launch(instance: LaunchedInstance): void {
    this.running.set(instance.instanceId, instance);
  }

  public kill(instanceId: string): Promise<void> {
    this.running.delete(instanceId);
    return Promise.resolve();
  }

  public terminate(instanceId: string): Promise<void> {
    if (!this.running.has(instanceId)) return Promise.resolve();
    return new Promise((resolve) => {
      this.clock.schedule(this.clock.now() + this.shutdown, () => {
        this.running.delete(instanceId);
        resolve();
      });
    });
  }
}

/**
 * Auto Scaling with a fleet, a launch template `workers` and CloudWatch for its alarms; instances boot in 30 s and shut
 * down in 5 s.
 */
export function setUp(options: Partial<AutoScalingLimits> & { readonly shutdown?: number } = {}) {
  const clock = new VirtualClock({ startAt: START });
  const random = new Random(7);
  const timeline = new Timeline(clock);
  const events: TimelineEvent[] = [];
  timeline.subscribe((event) => events.push(event));
  const fleet = new BareFleet(clock, options.shutdown ?? 5 * SECOND);
  const launchTemplates = new Ec2({ random });
  launchTemplates.create('workers', { imageId: 'ami-1', instanceType: 't4g.small', userData: 'IyE=' });
  const { shutdown: _, ...limits } = options;
  const place = { clock, timeline, account: call.account, region: call.region };
  const autoScaling = new AutoScaling({
    ...place,
    random,
    fleet,
    launchTemplate: (idOrName, version) => launchTemplates.describe(idOrName, version),
    alarms: new TargetTrackingAlarms({
      ...place,
      api: {
        get cloudwatch() {
          return cloudWatch;
        },
      },
    }),
    hookTargets: {
      send: (target) => {
        throw new Error(`nobody is at ${target}`);
      },
    },
    limits,
  });
  const invokeAction = (policyArn: string, notice: AlarmNotice) => autoScaling.alarmed(policyArn, notice);
  const cloudWatch = new CloudWatch({ ...place, invokeAction });
  const create = (input: Partial<CreateAutoScalingGroupType> = {}) =>
    autoScaling.createAutoScalingGroup(
      {
        AutoScalingGroupName: 'g',
        MinSize: 0,
        MaxSize: 20,
        AvailabilityZones: ['us-east-1a', 'us-east-1b'],
        LaunchTemplate: { LaunchTemplateName: 'workers', Version: '$Latest' },
        ...input,
      },
      call,
    );
  // The SDK's own client, without a port.
  const router = new RequestRouter({
    services: [routed('autoscaling', () => autoScaling)],
    defaultAccount: call.account,
    defaultRegion: call.region,
    random: random.fork('wire'),
  });
  const sdk = new AutoScalingSdk({
    endpoint: call.endpoint,
    region: call.region,
    credentials: { accessKeyId: call.account, secretAccessKey: 'local' },
    requestHandler: new InProcessRequestHandler(router),
  });
  const group = () => autoScaling.groups()[0];
  /** What the groups did, oldest first: description, cause and status. */
  const activities = () => {
    const { Activities = [] } = autoScaling.describeScalingActivities({}, call);
    return Activities.reverse().map(({ Description, Cause, StatusCode }) => [Description, Cause, StatusCode]);
  };
  const states = () => group().instances.map(({ state }) => state);
  const ids = () => group().instances.map(({ id }) => id);
  const services = { fleet, launchTemplates, autoScaling, cloudWatch, sdk };
  return { clock, timeline, events, ...services, create, group, states, ids, activities };
}
