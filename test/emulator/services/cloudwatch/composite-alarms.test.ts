import { CloudWatchClient, DescribeAlarmsCommand, PutCompositeAlarmCommand } from '@aws-sdk/client-cloudwatch';
import type { PutCompositeAlarmInput, StateValue } from '@aws-sdk/client-cloudwatch';
import { type RequestContext, gauge } from '../../../../lib/emulator/core';
import { MINUTE, SECOND, VirtualClock } from '../../../../lib/emulator/clock';
import { CloudWatch } from '../../../../lib/emulator/services/cloudwatch';
import { Emulator } from '../../../../lib/emulator';
import { Timeline } from '../../../../lib/emulator/timeline';

const START = Date.UTC(2030, 0, 1);
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:ops';
const ARN = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm';
const call: RequestContext = {
  account: '000000000000',
  region: 'us-east-1',
  principal: 'arn:aws:iam::000000000000:root',
  endpoint: 'http://127.0.0.1',
};

const onMetric = (AlarmName: string) => ({
  AlarmName,
  Namespace: 'App',
  MetricName: AlarmName,
  Statistic: 'Maximum' as const,
  Period: 60,
  EvaluationPeriods: 1,
  ComparisonOperator: 'GreaterThanThreshold' as const,
  Threshold: 0,
  TreatMissingData: 'ignore', // without data the states stay as they are set
});

/** CloudWatch with the metric alarms a, b and c. */
function setUp() {
  const clock = new VirtualClock({ startAt: START });
  const actions: string[] = [];
  const cloudWatch = new CloudWatch({
    clock,
    timeline: new Timeline(clock),
    account: call.account,
    region: call.region,
    invokeAction: (_, { alarmName, state }) =>
      void actions.push(`${(clock.now() - START) / SECOND} ${alarmName} ${state}`),
  });
  for (const name of ['a', 'b', 'c']) cloudWatch.putMetricAlarm(onMetric(name), call);
  const put = (AlarmRule: string, more: Partial<PutCompositeAlarmInput> = {}) =>
    cloudWatch.putCompositeAlarm({ AlarmName: 'all', AlarmRule, ...more }, call);
  const set = (AlarmName: string, StateValue: StateValue) =>
    cloudWatch.setAlarmState({ AlarmName, StateValue, StateReason: 'drill' }, call);
  const state = (name = 'all') => cloudWatch.alarms().find((alarm) => alarm.name === name)?.state;
  const history = () =>
    cloudWatch
      .describeAlarmHistory({ AlarmName: 'all', AlarmTypes: ['CompositeAlarm'], ScanBy: 'TimestampAscending' }, call)
      .AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary);
  return { clock, cloudWatch, actions, put, set, state, history };
}

describe('§5 the rule of a composite alarm, with a in ALARM, b in OK and c in INSUFFICIENT_DATA', () => {
  test.each<[string, StateValue]>([
    ['ALARM(a)', 'ALARM'],
    ['ALARM(b)', 'OK'],
    ['OK(b) AND INSUFFICIENT_DATA(c)', 'ALARM'],
    ['ALARM("a") AND NOT ALARM(b)', 'ALARM'],
    ['AT_LEAST(1, ALARM, (a, b, c))', 'ALARM'],
    ['AT_LEAST(2, ALARM, (a, b, c))', 'OK'],
    ['AT_LEAST(2, NOT ALARM, (a, b, c))', 'ALARM'],
    ['AT_LEAST(3, NOT OK, ("a", "b", "c"))', 'OK'],
    ['AT_LEAST(33%, OK, (a, b, c))', 'ALARM'],
    ['AT_LEAST(34%, INSUFFICIENT_DATA, (a, b, c))', 'OK'],
    ['AT_LEAST( 66.6% , NOT INSUFFICIENT_DATA , ( a , b , c ) )', 'ALARM'],
    [`AT_LEAST(100%, ALARM, ("${ARN}:a"))`, 'ALARM'],
    ['NOT AT_LEAST(2, ALARM, (a, b)) AND OK(b)', 'ALARM'],
    [`ALARM(${ARN}:a) AND OK("${ARN}:b")`, 'ALARM'],
    ['NOT (ALARM(a) OR ALARM(b))', 'OK'],
    ['NOT NOT ALARM(a)', 'ALARM'],
    ['ALARM(a) OR ALARM(a) AND ALARM(b)', 'ALARM'], // AND binds tighter
    ['(ALARM(a) OR ALARM(a)) AND ALARM(b)', 'OK'],
    ['TRUE', 'ALARM'],
    ['ALARM(a) AND FALSE', 'OK'],
    ['\n  ALARM( a )\n  AND ( OK(b) )\n', 'ALARM'],
  ])('%s: %s', (rule, expected) => {
    const { put, set, state } = setUp();
    set('a', 'ALARM');
    set('b', 'OK');
    put(rule);
    expect(state()).toBe(expected);
  });

  test.each([
    ['', "Value '' at 'alarmRule' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    ['TRUE OR '.repeat(1_281), 'Member must have length less than or equal to 10240'],
    ['ALARM(a', "Error in AlarmRule [Unexpected end of the rule at char 7, must be: ')']"],
    ['ALARM(a) ALARM(b)', "Error in AlarmRule [Unsupported token 'ALARM' at char 9, must be: AND or OR]"],
    [
      '()',
      "Error in AlarmRule [Unsupported token ')' at char 1, must be: '(', NOT, AT_LEAST, TRUE, FALSE, ALARM, OK or",
    ],
    ['BROKEN(a)', "Error in AlarmRule [Unsupported token 'BROKEN' at char 0, must be: "],
    ['ALARM()', "Error in AlarmRule [Unsupported token ')' at char 6, must be: the name or the ARN of an alarm]"],
    [
      'AT_LEAST(0, ALARM, (a, b))',
      'AT_LEAST takes 1 to 2, the number of its alarms, or more than 0% and at most 100%, got 0]',
    ],
    ['AT_LEAST(3, ALARM, (a, b))', 'got 3]'],
    ['AT_LEAST(1.5, ALARM, (a, b))', 'got 1.5]'],
    ['AT_LEAST(101%, ALARM, (a, b))', 'got 101%]'],
    ['AT_LEAST(1, ALARM, a, b)', "Unsupported token 'a' at char 19, must be: '(']"],
    ['AT_LEAST(1, BROKEN, (a, b))', "Unsupported token 'BROKEN' at char 12, must be: ALARM, OK, INSUFFICIENT_DATA]"],
    ['AT_LEAST(1, ALARM, (a, x))', 'as alarms [x] in the alarm rule do not exist'],
    ['ALARM(x) OR OK(y)', 'as alarms [x, y] in the alarm rule do not exist'],
    ['ALARM(all)', 'as alarms [all] in the alarm rule do not exist'],
    [
      Array(101)
        .fill(0)
        .map((_, index) => `OK(n${index})`)
        .join(' OR '),
      'at most 100 alarms, got 101',
    ],
    [Array(501).fill('OK(a)').join(' OR '), 'at most 500 elements, got 501'],
    [`${'('.repeat(101)}OK(a)${')'.repeat(101)}`, 'Error in AlarmRule [It can nest 100 levels deep at most]'],
    ['('.repeat(10_240), 'It can nest 100 levels deep at most'],
    [`${'NOT '.repeat(2_500)}OK(a)`, 'It can nest 100 levels deep at most'],
  ])('a rule is refused: %#', (rule, message) => {
    expect(() => setUp().put(rule)).toThrow(message);
  });

  test('a rule may nest 100 levels deep, as often as it likes', () => {
    const deep = `${'NOT ('.repeat(50)}OK(a)${')'.repeat(50)}`;
    const { put, set, state } = setUp();
    set('a', 'OK');
    put(`${deep} AND ${deep}`);
    expect(state()).toBe('ALARM');
  });

  test.each<[string, Partial<PutCompositeAlarmInput>, string]>([
    ['the name of a metric alarm', { AlarmName: 'a' }, 'An alarm of a different type with the name a already exists.'],
    ['an action that is no ARN', { OKActions: ['mail me'] }, 'Invalid arn syntax in OKActions: mail me'],
    [
      'a scaling policy',
      {
        AlarmActions: [
          'arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:1:autoScalingGroupName/g:policyName/p',
        ],
      },
      'AlarmActions of a composite alarm cannot be of Auto Scaling or EC2',
    ],
    [
      'a suppressor without its periods',
      { ActionsSuppressor: 'a' },
      'ActionsSuppressor and ActionsSuppressorWaitPeriod',
    ],
    [
      'a suppressor that there is not',
      { ActionsSuppressor: 'x', ActionsSuppressorWaitPeriod: 1, ActionsSuppressorExtensionPeriod: 1 },
      'the suppressor alarm x does not exist',
    ],
    [
      'an action of no service that has them',
      { AlarmActions: ['arn:aws:sqs:us-east-1:000000000000:jobs'] },
      'Unsupported action in AlarmActions: arn:aws:sqs:us-east-1:000000000000:jobs.',
    ],
    ['six actions', { AlarmActions: Array<string>(6).fill(TOPIC) }, 'length less than or equal to 5'],
  ])('%s is refused', (_, more, message) => {
    expect(() => setUp().put('ALARM(b)', more)).toThrow(message);
  });
});

describe('§5 a composite alarm', () => {
  test.each<[string, StateValue]>([
    ['TRUE', 'ALARM'],
    ['ALARM(a)', 'OK'],
  ])('%s: a new one, and a changed one, say what their rule evaluates to', (rule, expected) => {
    const { cloudWatch, put } = setUp();
    const reason = () => cloudWatch.alarms().find(({ name }) => name === 'all')?.reason;
    put(rule);
    expect(reason()).toBe(`${ARN}:all was created and its alarm rule evaluates to ${expected}`);
    put(`${rule} AND TRUE`);
    expect(reason()).toBe(`${ARN}:all was updated and its new alarm rule evaluates to ${expected}`);
  });

  test('follows its children, also through other composite alarms, and names the one that triggered it', async () => {
    const { clock, cloudWatch, actions, put, state, history } = setUp();
    put('ALARM(a) AND ALARM(b)', { AlarmName: 'both' });
    put('ALARM(both) OR ALARM(c)', { AlarmActions: [TOPIC], OKActions: [TOPIC] });
    expect(actions).toEqual(['0 all OK']);
    const described = () =>
      cloudWatch.describeAlarms({ AlarmNames: ['all'], AlarmTypes: ['CompositeAlarm'] }, call).CompositeAlarms?.[0];
    expect(described()?.StateReason).toBe(`${ARN}:all was created and its alarm rule evaluates to OK`);
    expect(JSON.parse(described()?.StateReasonData ?? '')).toEqual({
      triggeringAlarms: [
        { arn: `${ARN}:both`, state: { value: 'OK', timestamp: '2030-01-01T00:00:00.000+0000' } },
        { arn: `${ARN}:c`, state: { value: 'INSUFFICIENT_DATA', timestamp: '2030-01-01T00:00:00.000+0000' } },
      ],
    });
    const publish = (minute: number, metric: string, value: number) =>
      cloudWatch.ingest([gauge('App', metric, {}, 'None', START + minute * MINUTE, value)]);
    publish(0, 'a', 1);
    publish(1, 'a', 1);
    publish(1, 'b', 1);
    publish(2, 'a', 0);
    await clock.advance(5 * MINUTE);
    expect(actions).toEqual(['0 all OK', '180 all ALARM', '240 all OK']);
    expect(state('both')).toBe('OK');
    expect(cloudWatch.alarms().find(({ name }) => name === 'all')?.reason).toBe(
      `${ARN}:both transitioned to OK at Tuesday 01 January, 2030 00:04:00 UTC`,
    );
    expect(JSON.parse(described()?.StateReasonData ?? '')).toEqual({
      triggeringAlarms: [{ arn: `${ARN}:both`, state: { value: 'OK', timestamp: '2030-01-01T00:04:00.000+0000' } }],
    });
    expect(history()).toEqual([
      'Alarm "all" created',
      'Alarm updated from INSUFFICIENT_DATA to OK',
      `Successfully executed action ${TOPIC}`,
      'Alarm updated from OK to ALARM',
      `Successfully executed action ${TOPIC}`,
      'Alarm updated from ALARM to OK',
      `Successfully executed action ${TOPIC}`,
    ]);
  });

  test('a state that SetAlarmState has set lasts until the rule comes to something else; actions can be disabled', () => {
    const { cloudWatch, actions, put, set, state } = setUp();
    put('ALARM(a) OR ALARM(b)', { AlarmActions: [TOPIC] });
    set('all', 'ALARM');
    set('b', 'OK');
    expect(state()).toBe('ALARM');
    set('b', 'ALARM');
    set('b', 'OK');
    expect(state()).toBe('OK');
    expect(actions).toEqual(['0 all ALARM']);
    cloudWatch.disableAlarmActions({ AlarmNames: ['all'] }, call);
    set('a', 'ALARM');
    expect(state()).toBe('ALARM');
    expect(actions).toHaveLength(1);
  });

  test('is found by type, children and parents; alarms on which it depends cannot be deleted', () => {
    const { cloudWatch, put } = setUp();
    put('ALARM(a) OR ALARM(b)');
    const names = (input: Parameters<CloudWatch['describeAlarms']>[0]) => {
      const { CompositeAlarms = [], MetricAlarms = [] } = cloudWatch.describeAlarms(input, call);
      return [...CompositeAlarms, ...MetricAlarms].map(({ AlarmName }) => AlarmName);
    };
    expect(names({})).toEqual(['a', 'b', 'c']);
    expect(names({ AlarmTypes: ['CompositeAlarm'] })).toEqual(['all']);
    expect(names({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })).toEqual(['all', 'a', 'b', 'c']);
    expect(names({ ChildrenOfAlarmName: 'all' })).toEqual(['a', 'b']);
    expect(names({ ParentsOfAlarmName: 'b' })).toEqual(['all']);
    expect(() => names({ ParentsOfAlarmName: 'b', AlarmNamePrefix: 'a' })).toThrow(
      'AlarmNamePrefix cannot be specified',
    );
    expect(() => cloudWatch.putMetricAlarm(onMetric('all'), call)).toThrow('An alarm of a different type');
    expect(() => cloudWatch.deleteAlarms({ AlarmNames: ['c', 'a'] }, call)).toThrow(
      'Cannot delete a as there are composite alarm(s) depending on it.',
    );
    cloudWatch.deleteAlarms({ AlarmNames: ['a', 'all'] }, call);
    expect(cloudWatch.alarms().map(({ name }) => name)).toEqual(['b', 'c']);
  });

  test('alarms that are made of one another are not evaluated, nor deleted, until one of them is not any more', () => {
    const { cloudWatch, put, set, state } = setUp();
    put('ALARM(a)', { AlarmName: 'one' });
    put('ALARM(one)', { AlarmName: 'two' });
    put('ALARM(two)', { AlarmName: 'above' });
    put('ALARM(two) OR ALARM(a)', { AlarmName: 'one' });
    set('a', 'ALARM');
    expect([state('one'), state('two'), state('above')]).toEqual(['OK', 'OK', 'OK']);
    for (const name of ['one', 'two']) {
      expect(() => cloudWatch.deleteAlarms({ AlarmNames: [name] }, call)).toThrow(
        `Cannot delete ${name} as there are composite alarm(s) depending on it.`,
      );
    }
    expect(() => cloudWatch.deleteAlarms({ AlarmNames: ['one', 'two'] }, call)).toThrow(
      'At most one composite alarm can be deleted at a time, got one, two.',
    );
    put('ALARM(a)', { AlarmName: 'one' });
    expect([state('one'), state('two'), state('above')]).toEqual(['ALARM', 'ALARM', 'ALARM']);
    cloudWatch.deleteAlarms({ AlarmNames: ['above'] }, call);
    cloudWatch.deleteAlarms({ AlarmNames: ['two'] }, call);
    cloudWatch.deleteAlarms({ AlarmNames: ['a', 'one'] }, call);
    expect(cloudWatch.alarms().map(({ name }) => name)).toEqual(['b', 'c']);
  });

  test('names with spaces, brackets, commas and quotes are given in quotes', () => {
    const { cloudWatch, put, set, state } = setUp();
    cloudWatch.putMetricAlarm(onMetric('too "deep", (really)'), call);
    put('ALARM("too \\"deep\\", (really)") AND NOT ALARM(a)');
    set('too "deep", (really)', 'ALARM');
    expect(state()).toBe('ALARM');
  });

  test('the SDK puts and describes it', async () => {
    const emulator = new Emulator({ clock: new VirtualClock() });
    const client = new CloudWatchClient(emulator.clientConfig());
    await client.send(new PutCompositeAlarmCommand({ AlarmName: 'always', AlarmRule: 'TRUE' }));
    const { CompositeAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'] }));
    expect(CompositeAlarms).toMatchObject([{ AlarmName: 'always', AlarmRule: 'TRUE', StateValue: 'ALARM' }]);
    await emulator.stop();
  });
});

describe('§5 a suppressor: b keeps the actions on a from running, if it comes within 60 s, and for 120 s more', () => {
  function suppressed() {
    const world = setUp();
    world.put('ALARM(a)', {
      AlarmActions: [TOPIC],
      OKActions: [TOPIC],
      ActionsSuppressor: 'b',
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 120,
    });
    world.actions.length = 0;
    const by = () =>
      world.cloudWatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] }, call).CompositeAlarms?.[0]
        .ActionsSuppressedBy;
    return { ...world, by };
  }

  test('it does not come: the actions run when the wait is over', async () => {
    const { clock, cloudWatch, actions, set, by } = suppressed();
    set('a', 'ALARM');
    expect(by()).toBe('WaitPeriod');
    const { CompositeAlarms } = cloudWatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] }, call);
    expect(CompositeAlarms?.[0].ActionsSuppressedReason).toBe('Actions suppressed by WaitPeriod');
    await clock.advance(10 * SECOND);
    expect(actions).toEqual([]);
    await clock.advance(50 * SECOND);
    expect(actions).toEqual(['60 all ALARM']);
    expect(by()).toBeUndefined();
  });

  test('it comes in time, and goes while the alarm lasts: the actions run when the extension is over', async () => {
    const { clock, actions, set, by } = suppressed();
    set('a', 'ALARM');
    await clock.advance(30 * SECOND);
    set('b', 'ALARM');
    expect(by()).toBe('Alarm');
    await clock.advance(10 * SECOND);
    set('b', 'OK');
    expect(by()).toBe('ExtensionPeriod');
    await clock.advance(119 * SECOND);
    expect(actions).toEqual([]);
    await clock.advance(SECOND);
    expect(actions).toEqual(['160 all ALARM']);
  });

  test('runs no action if the alarm ends while it is suppressed', async () => {
    const { clock, actions, set, state, by } = suppressed();
    set('b', 'ALARM');
    set('a', 'ALARM');
    expect(by()).toBe('Alarm');
    set('a', 'OK');
    expect(state()).toBe('OK');
    set('b', 'OK');
    await clock.advance(10 * MINUTE);
    expect(actions).toEqual([]);
  });
});
