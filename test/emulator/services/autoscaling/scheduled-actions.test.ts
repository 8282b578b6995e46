import type { PutScheduledUpdateGroupActionType } from '@aws-sdk/client-auto-scaling';
import { DAY, HOUR, MINUTE } from '../../../../lib/emulator/clock';
import { nextOccurrence, parseCron } from '../../../../lib/emulator/services/autoscaling/scaling/cron';
import { TimeZone } from '../../../../lib/emulator/clock/time-zone';
import { setUp, START } from './scaled-group';

const name = { AutoScalingGroupName: 'g' };
type Action = Omit<PutScheduledUpdateGroupActionType, 'AutoScalingGroupName' | 'ScheduledActionName'>;

function withGroup(group: Parameters<ReturnType<typeof setUp>['create']>[0] = { MinSize: 1, MaxSize: 5 }) {
  const world = setUp();
  world.create(group);
  const put = (ScheduledActionName: string, action: Action) =>
    world.sdk.putScheduledUpdateGroupAction({ ...name, ScheduledActionName, ...action });
  const described = async () => (await world.sdk.describeScheduledActions(name)).ScheduledUpdateGroupActions ?? [];
  return { ...world, put, described };
}

describe('§6 scheduled actions', () => {
  /*
   * 2030-01-01 is a Tuesday. Two actions, on weekdays: at 8:00 min 4, max 8; at 18:00 min 1, max 3.
   *
   *   Tue 00:00  created: min 1, max 5, desired 1
   *   Tue 08:00  4 to 8: 1 is below: 4
   *   Tue 09:00  set to 7 by hand
   *   Tue 18:00  1 to 3: 7 is above: 3
   *   Wed 08:00  4
   *   Wed 18:00  3 (3 is within 1 to 3, but 4 was not)
   *   Fri 18:00  3; nothing on Saturday and Sunday
   *   Mon 08:00  4
   */
  test('a scaling scenario of two recurring actions, matched to the minute', async () => {
    const { clock, sdk, put, group } = withGroup();
    await put('morning', { Recurrence: '0 8 * * MON-FRI', MinSize: 4, MaxSize: 8 });
    await put('evening', { Recurrence: '0 18 * * 1-5', MinSize: 1, MaxSize: 3 });
    const changes: string[] = [];
    let last = 1;
    for (let minute = 0; minute < (7 * DAY) / MINUTE; minute++) {
      if (minute === 9 * 60) await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 7 });
      await clock.advance(MINUTE);
      const { desired, min, max } = group();
      const at = new Date(clock.now()).toUTCString().replace(/(\w+), .*(\d\d:\d\d):00 GMT/, '$1 $2');
      if (desired !== last) changes.push(`${at} ${desired} of ${min} to ${max}`);
      last = desired;
    }
    expect(changes).toEqual([
      'Tue 08:00 4 of 4 to 8',
      'Tue 09:01 7 of 4 to 8',
      'Tue 18:00 3 of 1 to 3',
      'Wed 08:00 4 of 4 to 8',
      'Wed 18:00 3 of 1 to 3',
      'Thu 08:00 4 of 4 to 8',
      'Thu 18:00 3 of 1 to 3',
      'Fri 08:00 4 of 4 to 8',
      'Fri 18:00 3 of 1 to 3',
      'Mon 08:00 4 of 4 to 8',
      'Mon 18:00 3 of 1 to 3',
    ]);
  });

  test('a single action runs once, whatever the cooldown, and is gone; the activity says what did it', async () => {
    const { clock, put, described, group, activities, events } = withGroup();
    const StartTime = new Date(START + HOUR);
    await put('once', { StartTime, MinSize: 0, DesiredCapacity: 3 });
    expect(await described()).toEqual([
      {
        ...name,
        ScheduledActionName: 'once',
        ScheduledActionARN: expect.stringMatching(
          /^arn:aws:autoscaling:us-east-1:000000000000:scheduledUpdateGroupAction:[0-9a-f-]{36}:autoScalingGroupName\/g:scheduledActionName\/once$/,
        ) as string,
        StartTime,
        Time: StartTime,
        MinSize: 0,
        DesiredCapacity: 3,
      },
    ]);
    await clock.advance(HOUR - 1);
    expect(group().desired).toBe(1);
    await clock.advance(1);
    expect(group()).toMatchObject({ desired: 3, min: 0, max: 5 });
    expect(await described()).toEqual([]);
    expect(activities().at(-1)?.[1]).toBe(
      'At 2030-01-01T01:00:00Z a scheduled action update of AutoScalingGroup constraints to min: 0, max: 5, desired: 3 changing the desired capacity from 1 to 3.  ' +
        'At 2030-01-01T01:00:00Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 3.',
    );
    expect(events.find(({ kind }) => kind === 'autoscaling.scheduledAction')?.detail).toMatchObject({ action: 'once' });
  });

  test('start and end time bound a recurrence; its start time is that of the next run', async () => {
    const { clock, put, described, sdk, group } = withGroup();
    const EndTime = new Date(START + 3 * HOUR);
    await put('hourly', { Recurrence: '30 * * * *', StartTime: new Date(START + HOUR), EndTime, DesiredCapacity: 2 });
    const next = async () =>
      (await described()).map(({ StartTime }) => ((StartTime as Date).getTime() - START) / MINUTE);
    expect(await next()).toEqual([60]);
    await clock.advance(HOUR);
    expect(group().desired).toBe(2); // the first time is the start, whatever the recurrence says
    expect(await next()).toEqual([90]);
    await clock.advance(HOUR);
    expect(await next()).toEqual([150]);
    await sdk.setDesiredCapacity({ ...name, DesiredCapacity: 5 });
    await clock.advance(30 * MINUTE);
    expect([group().desired, await next()]).toEqual([2, []]); // 3:30 would be past the end
  });

  test('the recurrence is read in the time zone, summer and winter', async () => {
    const { put, described } = withGroup();
    await put('berlin', { Recurrence: '0 9 * * *', TimeZone: 'Europe/Berlin', DesiredCapacity: 2 });
    await put('utc', { Recurrence: '0 9 * * *', DesiredCapacity: 2 });
    await put('summer', { Recurrence: '0 9 1 7 *', TimeZone: 'Europe/Berlin', DesiredCapacity: 2 });
    expect((await described()).map(({ StartTime }) => StartTime?.toISOString())).toEqual([
      '2030-01-01T08:00:00.000Z',
      '2030-01-01T09:00:00.000Z',
      '2030-07-01T07:00:00.000Z',
    ]);
  });

  test('a suspended action is not made up for; one whose sizes contradict the group fails, and says so', async () => {
    const { clock, put, sdk, group, activities } = withGroup();
    await put('a', { StartTime: new Date(START + HOUR), DesiredCapacity: 2 });
    await put('b', { StartTime: new Date(START + 2 * HOUR), MinSize: 9 });
    await sdk.suspendProcesses({ ...name, ScalingProcesses: ['ScheduledActions'] });
    await clock.advance(90 * MINUTE);
    await sdk.resumeProcesses(name);
    expect(group().desired).toBe(1);
    await clock.advance(HOUR);
    expect(group()).toMatchObject({ desired: 1, min: 1, max: 5 });
    expect(activities().at(-1)).toEqual([
      'Executing scheduled action: b',
      'At 2030-01-01T02:00:00Z a scheduled action update of AutoScalingGroup constraints to min: 9, max: 5, desired: 9.',
      'Failed',
    ]);
  });

  test('batches tell what failed; deleting and deleting the group end it', async () => {
    const { clock, sdk, described, group, put } = withGroup();
    const failed = await sdk.batchPutScheduledUpdateGroupAction({
      ...name,
      ScheduledUpdateGroupActions: [
        { ScheduledActionName: 'a', Recurrence: '0 1 * * *', DesiredCapacity: 2 },
        { ScheduledActionName: 'b', Recurrence: 'daily', DesiredCapacity: 2 },
      ],
    });
    expect(failed.FailedScheduledUpdateGroupActions).toEqual([
      {
        ScheduledActionName: 'b',
        ErrorCode: 'ValidationError',
        ErrorMessage: 'Given recurrence string: daily is invalid',
      },
    ]);
    const deleted = await sdk.batchDeleteScheduledAction({ ...name, ScheduledActionNames: ['a', 'c'] });
    expect(deleted.FailedScheduledActions).toMatchObject([{ ScheduledActionName: 'c' }]);
    expect(await described()).toEqual([]);
    await put('d', { StartTime: new Date(START + HOUR), DesiredCapacity: 2 });
    await put('d', { StartTime: new Date(START + 2 * HOUR), DesiredCapacity: 3 }); // replaced: the first never runs
    await clock.advance(HOUR);
    expect(group().desired).toBe(1);
    await clock.advance(HOUR);
    expect(group().desired).toBe(3);
    await put('e', { StartTime: new Date(START + 3 * HOUR), DesiredCapacity: 2 });
    await sdk.deleteScheduledAction({ ...name, ScheduledActionName: 'e' });
    await expect(sdk.deleteScheduledAction({ ...name, ScheduledActionName: 'e' })).rejects.toThrow('not found');
    await put('f', { StartTime: new Date(START + 4 * HOUR), DesiredCapacity: 2 });
    await sdk.deleteAutoScalingGroup({ ...name, ForceDelete: true });
    await clock.advance(3 * HOUR);
    expect((await sdk.describeScheduledActions({})).ScheduledUpdateGroupActions).toEqual([]);
  });

  test.each<[string, Action, string]>([
    ['a start in the past', { StartTime: new Date(START - 1), DesiredCapacity: 1 }, 'Given start time is in the past'],
    [
      'an end before its start',
      { StartTime: new Date(START + HOUR), EndTime: new Date(START + MINUTE), DesiredCapacity: 1 },
      'Given end time is before the given start time',
    ],
    ['six fields', { Recurrence: '0 0 6 * * 1-5', DesiredCapacity: 1 }, 'Given recurrence string: 0 0 6 * * 1-5 is'],
    ['EventBridge’s ?', { Recurrence: '0 6 ? * *', DesiredCapacity: 1 }, 'Given recurrence string: 0 6 ? * * is'],
    ['30 February', { Recurrence: '0 6 30 2 *', DesiredCapacity: 1 }, 'never comes up'],
    ['no time', { DesiredCapacity: 1 }, 'Either StartTime or Recurrence must be specified'],
    ['no size', { Recurrence: '0 6 * * *' }, 'At least one of MinSize, MaxSize and DesiredCapacity'],
    ['crossed sizes', { Recurrence: '0 6 * * *', MinSize: 3, MaxSize: 2 }, 'Max bound, 2, must be greater than'],
    ['an unknown zone', { Recurrence: '0 6 * * *', TimeZone: 'Mars/Olympus', MinSize: 1 }, 'Mars/Olympus for TimeZone'],
    ['an offset for a zone', { Recurrence: '0 6 * * *', TimeZone: '+01:00', MinSize: 1 }, '+01:00 for TimeZone'],
    [
      'two times',
      { Time: new Date(START + HOUR), StartTime: new Date(START + MINUTE), MinSize: 1 },
      'Time and StartTime must be the same',
    ],
  ])('PutScheduledUpdateGroupAction refuses %s', async (_, action, message) => {
    const { put, described } = withGroup();
    await expect(put('a', action)).rejects.toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining(message) as string,
    });
    expect(await described()).toEqual([]);
  });

  test('two actions of a group cannot start at the same time', async () => {
    const { put } = withGroup();
    await put('a', { StartTime: new Date(START + HOUR), DesiredCapacity: 2 });
    await expect(put('b', { Recurrence: '0 1 * * *', DesiredCapacity: 2 })).rejects.toMatchObject({
      name: 'AlreadyExistsFault',
      message: expect.stringContaining('start time already exists: a at 2030-01-01T01:00:00Z') as string,
    });
  });
});

describe('recurrences, as crontab has them', () => {
  const utc = new TimeZone('Etc/UTC');
  test.each([
    ['*/15 * * * *', '2030-01-01T00:15'],
    ['5/20 3 * * *', '2030-01-01T03:05'],
    ['10-30/10 2,4 * * *', '2030-01-01T02:10'],
    ['0 0 29 2 *', '2032-02-29T00:00'],
    ['0 0 * DEC sun', '2030-12-01T00:00'],
    ['0 0 * * 7', '2030-01-06T00:00'],
    ['0 0 * * 0', '2030-01-06T00:00'],
    // Both days restricted: either will do. 2030-01-04 is the first Friday.
    ['0 0 13 * 5', '2030-01-04T00:00'],
    ['0 0 3 * 5', '2030-01-03T00:00'],
    ['0 0 */2 * 5', '2030-01-11T00:00'], // a step from * restricts nothing by itself: the 4th is even
  ])('%s comes up next at %s', (text, next) => {
    const schedule = parseCron(text);
    expect(schedule).toBeDefined();
    const found = schedule && nextOccurrence(schedule, START, utc);
    expect(new Date(found ?? 0).toISOString().slice(0, 16)).toBe(next);
  });

  test.each(['', '* * * *', '60 * * * *', '* 24 * * *', '* * 0 * *', '* * * 13 *', '* * * * 8', '5-1 * * * *'])(
    '%p is none',
    (text) => expect(parseCron(text)).toBeUndefined(),
  );
  test.each(['*/0 * * * *', 'a * * * *', '1,,2 * * * *', '*-5 * * * *', '0 0 L * *', 'cron(0 8 * * ? *)'])(
    '%p is none either',
    (text) => expect(parseCron(text)).toBeUndefined(),
  );

  test('a time that the clock change leaves out is left out; one that it repeats comes up once', () => {
    const berlin = new TimeZone('Europe/Berlin');
    const schedule = parseCron('30 2 * * *');
    const next = (after: string) =>
      schedule && new Date(nextOccurrence(schedule, Date.parse(after), berlin) ?? 0).toISOString();
    // On 31 March 2030 clocks go from 2:00 to 3:00, on 27 October from 3:00 back to 2:00.
    expect(next('2030-03-30T01:30:00Z')).toBe('2030-04-01T00:30:00.000Z');
    expect(next('2030-10-26T12:00:00Z')).toBe('2030-10-27T00:30:00.000Z');
    expect(next('2030-10-27T00:30:00Z')).toBe('2030-10-28T01:30:00.000Z');
  });
});
