import type { CreateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import { HOUR, MINUTE, SECOND } from '../../../../lib/emulator/clock';
import { call, setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };

describe('§6 groups', () => {
  test('desired defaults to min; instances boot, spread over the zones, and are described', async () => {
    const { clock, autoScaling, fleet, create, states, group, ids } = setUp();
    create({ MinSize: 3, Tags: [{ Key: 'team', Value: 'video', PropagateAtLaunch: true }] });
    expect(states()).toEqual(['Pending', 'Pending', 'Pending']);
    expect(fleet.running.size).toBe(0);
    await clock.advance(30 * SECOND);
    expect(states()).toEqual(['InService', 'InService', 'InService']);
    expect(
      [...fleet.running.values()].map((i) => [i.availabilityZone, i.privateIp, i.launchTemplate.instanceType]),
    ).toEqual([
      ['us-east-1a', '10.0.0.10', 't4g.small'],
      ['us-east-1b', '10.0.0.11', 't4g.small'],
      ['us-east-1a', '10.0.0.12', 't4g.small'],
    ]);
    expect(group()).toMatchObject({ name: 'g', min: 3, max: 20, desired: 3 });
    const [described] =
      autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: ['g'] }, call).AutoScalingGroups ?? [];
    expect(described).toMatchObject({
      AutoScalingGroupARN: expect.stringMatching(
        /^arn:aws:autoscaling:us-east-1:000000000000:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/g$/,
      ) as string,
      DefaultCooldown: 300,
      HealthCheckGracePeriod: 0,
      TerminationPolicies: ['Default'],
      Tags: [
        { Key: 'team', Value: 'video', PropagateAtLaunch: true, ResourceId: 'g', ResourceType: 'auto-scaling-group' },
      ],
      CreatedTime: new Date(START),
    });
    expect(described.Instances?.[0]).toMatchObject({
      LifecycleState: 'InService',
      HealthStatus: 'Healthy',
      InstanceType: 't4g.small',
    });
    const one = autoScaling.describeAutoScalingInstances({ InstanceIds: [ids()[1]] }, call).AutoScalingInstances;
    expect(one).toMatchObject([
      { InstanceId: ids()[1], AutoScalingGroupName: 'g', LifecycleState: 'InService', HealthStatus: 'HEALTHY' },
    ]);
    expect(autoScaling.instance(ids()[0])).toEqual({
      instanceId: ids()[0],
      groupName: 'g',
      lifecycleState: 'InService',
      targetLifecycleState: 'InService',
      availabilityZone: 'us-east-1a',
      privateIp: '10.0.0.10',
      instanceType: 't4g.small',
      imageId: 'ami-1',
      isSpot: false,
    });
  });

  test('the capacity is set by hand, and activities say who did it', async () => {
    const { clock, autoScaling, create, ids } = setUp();
    create({ MinSize: 1 });
    await clock.advance(MINUTE);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 2 }, call);
    await clock.advance(MINUTE);
    const [newest, first] = autoScaling.describeScalingActivities(name, call).Activities ?? [];
    expect(newest).toMatchObject({
      Description: `Launching a new EC2 instance: ${ids()[1]}`,
      Cause:
        'At 2030-01-01T00:01:00Z a user request explicitly set group desired capacity changing the desired capacity from 1 to 2.  ' +
        'At 2030-01-01T00:01:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 2.',
      StatusCode: 'Successful',
      Progress: 100,
      StartTime: new Date(START + MINUTE),
      EndTime: new Date(START + 1.5 * MINUTE),
    });
    const { ActivityId = '' } = first;
    expect(ActivityId).toMatch(/^[0-9a-f-]{36}$/);
    expect(autoScaling.describeScalingActivities({ ActivityIds: [ActivityId] }, call).Activities).toEqual([first]);
    expect(first.Cause).toContain(
      'a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.',
    );
    expect(() => autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 21 }, call)).toThrow(
      'New SetDesiredCapacity value 21 is above max value 20 for the AutoScalingGroup.',
    );
    expect(() => autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 0 }, call)).toThrow('is below min value 1');
  });

  test('an update moves the capacity into the new bounds', async () => {
    const { clock, autoScaling, create, group } = setUp();
    create({ MinSize: 1, DesiredCapacity: 4 });
    await clock.advance(MINUTE);
    autoScaling.updateAutoScalingGroup({ ...name, MaxSize: 2 }, call);
    expect(group()).toMatchObject({ desired: 2, max: 2 });
    await clock.advance(MINUTE);
    expect(group().instances).toHaveLength(2);
    autoScaling.updateAutoScalingGroup({ ...name, MinSize: 3, MaxSize: 5 }, call);
    expect(group()).toMatchObject({ desired: 3 });
    expect(() => autoScaling.updateAutoScalingGroup({ ...name, MaxSize: 2 }, call)).toThrow(
      'Max bound, 2, must be greater than or equal to min bound, 3',
    );
  });

  test('termination: the fullest zone first, then the oldest launch template, then the policies', async () => {
    const { clock, autoScaling, launchTemplates, create, ids } = setUp();
    create({ DesiredCapacity: 3 });
    await clock.advance(MINUTE);
    const [a1, b1, a2] = ids();
    launchTemplates.createVersion('workers', { instanceType: 't4g.large' });
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 4 }, call);
    await clock.advance(MINUTE);
    const b2 = ids()[3];
    // Two in each zone: the old template of a1, b1 and a2 decides, then their age. Then zone b has two.
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 3 }, call);
    await clock.advance(MINUTE);
    expect(ids()).toEqual([b1, a2, b2]);
    expect(a1).toBeDefined();
    autoScaling.updateAutoScalingGroup({ ...name, TerminationPolicies: ['NewestInstance'] }, call);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 2 }, call);
    await clock.advance(MINUTE);
    expect(ids()).toEqual([b1, a2]);
    autoScaling.updateAutoScalingGroup({ ...name, TerminationPolicies: ['OldestInstance'] }, call);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    await clock.advance(MINUTE);
    expect(ids()).toEqual([a2]);
  });

  test('termination: the fullest zone first, whatever the policies prefer', async () => {
    const { clock, autoScaling, create, ids } = setUp();
    create({ DesiredCapacity: 4, TerminationPolicies: ['OldestInstance'] });
    await clock.advance(MINUTE);
    const [a1, b1, a2, b2] = ids();
    const terminate = { InstanceId: a2, ShouldDecrementDesiredCapacity: true };
    autoScaling.terminateInstanceInAutoScalingGroup(terminate, call);
    await clock.advance(MINUTE);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 2 }, call);
    await clock.advance(MINUTE);
    expect(ids()).toEqual([a1, b2]); // a1 is the oldest, and zone b had two
    expect(b1).toBeDefined();
  });

  test('termination: protected instances make a zone full, and do not go', async () => {
    const { clock, autoScaling, create, ids } = setUp();
    create({ DesiredCapacity: 3, TerminationPolicies: ['OldestInstance'] });
    await clock.advance(MINUTE);
    const [a1, b1, a2] = ids();
    const protect = { ...name, InstanceIds: [a1], ProtectedFromScaleIn: true };
    autoScaling.setInstanceProtection(protect, call);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 2 }, call);
    await clock.advance(MINUTE);
    expect(ids()).toEqual([a1, b1]);
    expect(a2).toBeDefined();
  });

  test('termination: ClosestToNextInstanceHour takes the one whose hour ends first', async () => {
    const { clock, autoScaling, create, ids } = setUp();
    create({ AvailabilityZones: ['us-east-1a'], TerminationPolicies: ['ClosestToNextInstanceHour'] });
    for (const minute of [0, 20, 40]) {
      await clock.advance(START + minute * MINUTE - clock.now());
      autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: minute / 20 + 1 }, call);
    }
    const [first, second, third] = ids();
    await clock.advance(START + 70 * MINUTE - clock.now());
    // Of their hours 50, 10 and 30 minutes are left.
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 2 }, call);
    await clock.advance(MINUTE);
    expect(ids()).toEqual([first, third]);
    expect(second).toBeDefined();
  });

  test('§6 scale-in protection: desired goes down, nothing terminates; a user request terminates all the same', async () => {
    const { clock, autoScaling, create, group, ids, states } = setUp();
    create({ DesiredCapacity: 2, NewInstancesProtectedFromScaleIn: true });
    await clock.advance(MINUTE);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    expect([group().desired, states()]).toEqual([1, ['InService', 'InService']]);
    const [, second] = ids();
    autoScaling.setInstanceProtection({ ...name, InstanceIds: [second], ProtectedFromScaleIn: false }, call);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    await clock.advance(MINUTE);
    expect(ids()).not.toContain(second);
    autoScaling.terminateInstanceInAutoScalingGroup(
      { InstanceId: ids()[0], ShouldDecrementDesiredCapacity: true },
      call,
    );
    await clock.advance(MINUTE);
    expect(ids()).toEqual([]);
  });

  test('an instance that is terminated by hand is replaced, unless the capacity goes down with it', async () => {
    const { clock, autoScaling, create, ids, states } = setUp();
    create({ MinSize: 1 });
    await clock.advance(MINUTE);
    const [first] = ids();
    const request = { InstanceId: first, ShouldDecrementDesiredCapacity: false };
    const { Activity } = autoScaling.terminateInstanceInAutoScalingGroup(request, call);
    expect(Activity).toMatchObject({ Description: `Terminating EC2 instance: ${first}`, StatusCode: 'InProgress' });
    expect(states()).toEqual(['Terminating', 'Pending']);
    await clock.advance(MINUTE);
    expect(states()).toEqual(['InService']);
    expect(ids()).not.toContain(first);
    expect(() =>
      autoScaling.terminateInstanceInAutoScalingGroup(
        { InstanceId: ids()[0], ShouldDecrementDesiredCapacity: true },
        call,
      ),
    ).toThrow('Currently, desiredSize equals minSize (1).');
  });

  test('a group is deleted when it is empty, or by force without waiting for hooks', async () => {
    const { clock, autoScaling, fleet, create } = setUp();
    create({
      MinSize: 2,
      LifecycleHookSpecificationList: [
        { LifecycleHookName: 'drain', LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' },
      ],
    });
    await clock.advance(MINUTE);
    expect(() => autoScaling.deleteAutoScalingGroup(name, call)).toThrow(
      expect.objectContaining({ shape: 'ResourceInUseFault', queryCode: 'ResourceInUse' }) as Error,
    );
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 3 }, call);
    autoScaling.deleteAutoScalingGroup({ ...name, ForceDelete: true }, call);
    expect(autoScaling.describeAutoScalingGroups({}, call).AutoScalingGroups?.[0].Status).toBe('Delete in progress');
    await clock.advance(MINUTE);
    expect(fleet.running.size).toBe(0);
    expect(autoScaling.groups()).toEqual([]);
    expect(autoScaling.describeScalingActivities({ IncludeDeletedGroups: true }, call).Activities).toHaveLength(6);
    expect(autoScaling.describeScalingActivities({}, call).Activities).toEqual([]);
    create();
    autoScaling.deleteAutoScalingGroup(name, call);
    expect(autoScaling.groups()).toEqual([]);
  });

  test('§6 group metrics are opt-in', async () => {
    const { clock, autoScaling, create } = setUp();
    create({ MinSize: 1, DesiredCapacity: 2 });
    expect(autoScaling.collectMetrics(START)).toEqual([]);
    autoScaling.enableMetricsCollection(
      { ...name, Granularity: '1Minute', Metrics: ['GroupDesiredCapacity', 'GroupInServiceInstances'] },
      call,
    );
    await clock.advance(MINUTE);
    expect(autoScaling.collectMetrics(START)).toEqual(
      ['GroupDesiredCapacity', 'GroupInServiceInstances'].map((metric) => ({
        namespace: 'AWS/AutoScaling',
        name: metric,
        dimensions: name,
        unit: 'None',
        timestamp: START,
        sampleCount: 1,
        sum: 2,
        minimum: 2,
        maximum: 2,
      })),
    );
    autoScaling.disableMetricsCollection(name, call);
    expect(autoScaling.collectMetrics(START)).toEqual([]);
    autoScaling.enableMetricsCollection({ ...name, Granularity: '1Minute' }, call);
    expect(autoScaling.collectMetrics(START)).toHaveLength(13);
    expect(() =>
      autoScaling.enableMetricsCollection({ ...name, Granularity: '1Minute', Metrics: ['Depth'] }, call),
    ).toThrow('The value Depth for Metrics');
  });

  test('a MixedInstancesPolicy launches its template with the first type of its overrides', () => {
    const { autoScaling, create, ids } = setUp();
    create({
      MinSize: 1,
      LaunchTemplate: undefined,
      MixedInstancesPolicy: {
        LaunchTemplate: {
          LaunchTemplateSpecification: { LaunchTemplateName: 'workers', Version: '1' },
          Overrides: [{ InstanceType: 'c7g.large' }, { InstanceType: 'm7g.large' }],
        },
      },
    });
    expect(autoScaling.instance(ids()[0])).toMatchObject({ instanceType: 'c7g.large', imageId: 'ami-1' });
  });

  test.each<[string, Partial<CreateAutoScalingGroupType>, string]>([
    ['max below min', { MinSize: 2, MaxSize: 1 }, 'Max bound, 1, must be greater than or equal to min bound, 2'],
    [
      'desired out of bounds',
      { MaxSize: 3, DesiredCapacity: 5 },
      'Desired capacity:5 must be between the specified min size:0 and max size:3',
    ],
    ['no sizes', { MaxSize: undefined }, "Value null at 'maxSize'"],
    ['no zone', { AvailabilityZones: [] }, 'At least one Availability Zone or VPC Subnet is required.'],
    ['no template', { LaunchTemplate: undefined }, 'Valid requests must contain either LaunchTemplate'],
    [
      'a template that is not there',
      { LaunchTemplate: { LaunchTemplateName: 'nobody' } },
      'with template name nobody, does not exist',
    ],
    [
      'a termination policy of its own',
      { TerminationPolicies: ['arn:aws:lambda:us-east-1:1:function:f'] },
      'for TerminationPolicies is invalid',
    ],
    ['what is not emulated', { TargetGroupARNs: ['arn'] }, 'TargetGroupARNs is not supported'],
    [
      'a short heartbeat',
      {
        LifecycleHookSpecificationList: [
          { LifecycleHookName: 'h', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING', HeartbeatTimeout: 5 },
        ],
      },
      'The value 5 for HeartbeatTimeout is invalid: a whole number of 30 to 7200 is allowed.',
    ],
  ])('CreateAutoScalingGroup refuses %s', (_, input, message) => {
    const { autoScaling, create } = setUp();
    expect(() => create(input)).toThrow(message);
    expect(autoScaling.groups()).toEqual([]);
  });

  test('names are taken once, and unknown ones are not found', () => {
    const { autoScaling, create } = setUp();
    create();
    expect(() => create()).toThrow(
      'AutoScalingGroup by this name already exists - A group with the name g already exists',
    );
    expect(() => autoScaling.setDesiredCapacity({ AutoScalingGroupName: 'x', DesiredCapacity: 1 }, call)).toThrow(
      'AutoScalingGroup name not found - AutoScalingGroup: x not found',
    );
  });
});

describe('§6 lifecycle hooks', () => {
  const launching = { ...name, LifecycleHookName: 'ready', LifecycleTransition: 'autoscaling:EC2_INSTANCE_LAUNCHING' };
  const terminating = {
    ...name,
    LifecycleHookName: 'drain',
    LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING',
  };

  test('a launch hook holds an instance in Pending:Wait, running, until it is completed', async () => {
    const { clock, autoScaling, create, fleet, states, ids } = setUp();
    create();
    autoScaling.putLifecycleHook(launching, call);
    expect(autoScaling.describeLifecycleHooks(name, call).LifecycleHooks).toMatchObject([
      { LifecycleHookName: 'ready', HeartbeatTimeout: 3_600, GlobalTimeout: 172_800, DefaultResult: 'ABANDON' },
    ]);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    await clock.advance(MINUTE);
    expect([states(), fleet.running.size]).toEqual([['Pending:Wait'], 1]);
    const action = { ...name, LifecycleHookName: 'ready', InstanceId: ids()[0], LifecycleActionResult: 'CONTINUE' };
    autoScaling.completeLifecycleAction(action, call);
    expect(states()).toEqual(['InService']);
    expect(() => autoScaling.completeLifecycleAction(action, call)).toThrow(
      `No active Lifecycle Action found with instance ID ${ids()[0]}`,
    );
  });

  test('a launch hook that times out abandons: after an hour the instance is terminated and replaced', async () => {
    const { clock, autoScaling, create, states, ids } = setUp();
    create();
    autoScaling.putLifecycleHook(launching, call);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    const [first] = ids();
    await clock.advance(HOUR + 30 * SECOND);
    expect(states()).toEqual(['Terminating', 'Pending']);
    await clock.advance(MINUTE);
    expect(states()).toEqual(['Pending:Wait']);
    const launch = autoScaling
      .describeScalingActivities(name, call)
      .Activities?.find(({ Description }) => Description?.startsWith(`Launching a new EC2 instance: ${first}`));
    expect(launch).toMatchObject({
      StatusCode: 'Cancelled',
      StatusMessage: expect.stringContaining('Heartbeat Timeout') as string,
    });
  });

  test('a termination hook: Terminating:Wait, then :Proceed, then the fleet ends it; the instance knows from the start', async () => {
    const { clock, autoScaling, create, fleet, states, ids, events } = setUp();
    create({ DesiredCapacity: 1 });
    autoScaling.putLifecycleHook(terminating, call);
    await clock.advance(MINUTE);
    const [id] = ids();
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 0 }, call);
    expect(states()).toEqual(['Terminating:Wait']);
    expect(autoScaling.instance(id)).toMatchObject({ targetLifecycleState: 'Terminated' });
    await clock.advance(10 * MINUTE);
    expect([states(), fleet.running.size]).toEqual([['Terminating:Wait'], 1]);
    // Both results end in termination.
    autoScaling.completeLifecycleAction(
      { ...name, LifecycleHookName: 'drain', InstanceId: id, LifecycleActionResult: 'ABANDON' },
      call,
    );
    expect(states()).toEqual(['Terminating:Proceed']);
    await clock.advance(5 * SECOND);
    expect([states(), fleet.running.size, autoScaling.instance(id)]).toEqual([[], 0, undefined]);
    const kinds = events
      .filter(({ kind }) => kind !== 'autoscaling.activity')
      .map(({ at, kind }) => [(at - START) / SECOND, kind]);
    expect(kinds).toEqual([
      [0, 'autoscaling.launched'],
      [30, 'autoscaling.inService'],
      [60, 'autoscaling.terminating'],
      [665, 'autoscaling.terminated'],
    ]);
  });

  test('a heartbeat begins the timeout anew, up to a hundred times its length', async () => {
    const { clock, autoScaling, create, states, ids } = setUp();
    create({ DesiredCapacity: 1 });
    autoScaling.putLifecycleHook({ ...terminating, HeartbeatTimeout: 30 }, call);
    await clock.advance(MINUTE);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 0 }, call);
    const beat = () =>
      autoScaling.recordLifecycleActionHeartbeat({ ...name, LifecycleHookName: 'drain', InstanceId: ids()[0] }, call);
    await clock.advance(20 * SECOND);
    beat();
    await clock.advance(20 * SECOND);
    expect(states()).toEqual(['Terminating:Wait']);
    await clock.advance(10 * SECOND);
    expect(states()).toEqual(['Terminating:Proceed']);
    await clock.advance(MINUTE);

    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    await clock.advance(MINUTE);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 0 }, call);
    const began = clock.now();
    while (states()[0] === 'Terminating:Wait') {
      beat();
      await clock.advance(20 * SECOND);
    }
    expect(clock.now() - began).toBe(50 * MINUTE);
  });

  describe('two hooks of a transition', () => {
    /** An instance that waits for both. */
    async function waiting(transition: 'launching' | 'terminating') {
      const world = setUp();
      const { clock, autoScaling, create, ids } = world;
      create();
      const hook = transition === 'launching' ? launching : terminating;
      if (transition === 'terminating') {
        autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
        await clock.advance(MINUTE);
      }
      for (const LifecycleHookName of ['one', 'two']) {
        const HeartbeatTimeout = LifecycleHookName === 'one' ? 60 : 120;
        autoScaling.putLifecycleHook({ ...hook, LifecycleHookName, HeartbeatTimeout, DefaultResult: 'CONTINUE' }, call);
      }
      autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: transition === 'launching' ? 1 : 0 }, call);
      await clock.advance(30 * SECOND);
      const [InstanceId] = ids();
      const complete = (LifecycleHookName: string, LifecycleActionResult: string) =>
        autoScaling.completeLifecycleAction({ ...name, LifecycleHookName, InstanceId, LifecycleActionResult }, call);
      return { ...world, InstanceId, complete };
    }

    test.each([
      ['launching', 'Pending:Wait', 'InService'],
      ['terminating', 'Terminating:Wait', 'Terminating:Proceed'],
    ] as const)('CONTINUE of the first does not free an instance that is %s', async (transition, during, after) => {
      for (const [first, second] of [
        ['one', 'two'],
        ['two', 'one'],
      ]) {
        const { states, complete } = await waiting(transition);
        complete(first, 'CONTINUE');
        expect(states()).toEqual([during]);
        expect(() => complete(first, 'CONTINUE')).toThrow('No active Lifecycle Action found');
        complete(second, 'CONTINUE');
        expect(states()).toEqual([after]);
      }
    });

    test('ABANDON of the first does not wait for the second', async () => {
      const { clock, states, ids, complete, InstanceId } = await waiting('launching');
      complete('one', 'ABANDON');
      expect(states()[0]).toBe('Terminating');
      expect(() => complete('two', 'CONTINUE')).toThrow('No active Lifecycle Action found');
      await clock.advance(10 * SECOND);
      expect(ids()).not.toContain(InstanceId);
      // Nor does it time out any more: the one in its place waits for both.
      await clock.advance(25 * SECOND);
      expect(states()).toEqual(['Pending:Wait']);
    });

    test.each(['launching', 'terminating'] as const)(
      'each times out by itself, while %s: the later one decides',
      async (transition) => {
        const { clock, states } = await waiting(transition);
        const waited = transition === 'launching' ? 0 : 30 * SECOND;
        const [before] = states();
        await clock.advance(2 * MINUTE - waited - 1);
        expect(states()).toEqual([before]);
        await clock.advance(1);
        expect(states()).not.toContain(before);
      },
    );

    test('a heartbeat of one does not put off the other', async () => {
      const { autoScaling, clock, states, complete, InstanceId } = await waiting('launching');
      complete('two', 'CONTINUE');
      await clock.advance(50 * SECOND);
      autoScaling.recordLifecycleActionHeartbeat({ ...name, LifecycleHookName: 'one', InstanceId }, call);
      await clock.advance(MINUTE - 1);
      expect(states()).toEqual(['Pending:Wait']);
      await clock.advance(1);
      expect(states()).toEqual(['InService']);
    });

    test('deleting one leaves the other in force', async () => {
      const { autoScaling, states, complete } = await waiting('launching');
      autoScaling.deleteLifecycleHook({ ...name, LifecycleHookName: 'two' }, call);
      expect(states()).toEqual(['Pending:Wait']);
      complete('one', 'CONTINUE');
      expect(states()).toEqual(['InService']);
    });
  });

  test('a deleted hook no longer holds anybody up; an instance that never booted has nothing to wait for', async () => {
    const { clock, autoScaling, create, states } = setUp();
    create({ DesiredCapacity: 2 });
    autoScaling.putLifecycleHook(terminating, call);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 1 }, call);
    await clock.advance(MINUTE);
    expect(states()).toEqual(['InService']);
    autoScaling.setDesiredCapacity({ ...name, DesiredCapacity: 0 }, call);
    expect(states()).toEqual(['Terminating:Wait']);
    autoScaling.deleteLifecycleHook({ ...name, LifecycleHookName: 'drain' }, call);
    expect(states()).toEqual(['Terminating:Proceed']);
    expect(() => autoScaling.deleteLifecycleHook({ ...name, LifecycleHookName: 'drain' }, call)).toThrow(
      'No Lifecycle Hook found with name: drain',
    );
  });
});
