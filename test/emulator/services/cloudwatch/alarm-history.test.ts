import { DAY, HOUR, MINUTE, Random } from '../../../../lib/emulator/clock';
import { AlarmHistory } from '../../../../lib/emulator/services/cloudwatch/alarms/alarm-history';
import { cloudWatchInTest } from './cloudwatch-in-test';

const alarm = (name: string) => ({ name, kind: 'MetricAlarm' as const });

test('repeated rounds of items are kept, and dropped, as if each had been added', () => {
  const seed = Number(process.env.SEED ?? 20261122);
  const random = new Random(seed);
  const [added, repeated] = [new AlarmHistory(), new AlarmHistory()];
  let at = Date.UTC(2030, 0, 1);
  for (let round = 0; round < 60; round++) {
    const names = Array.from({ length: random.integer(0, 3) }, (_, index) => `alarm-${round}-${index}`);
    for (const history of [added, repeated]) {
      for (const name of names) history.add(at, alarm(name), 'Action', 'ran', JSON.stringify({ round }));
    }
    const minutes = random.integer(0, 3) === 0 ? random.integer(2_000, 50_000) : random.integer(1, 300);
    for (let minute = 1; minute <= minutes; minute++) {
      for (const name of names)
        added.add(at + minute * MINUTE, alarm(name), 'Action', 'ran', JSON.stringify({ round }));
    }
    repeated.repeat(repeated.latest(names.length), minutes);
    at += (minutes + 1) * MINUTE + random.integer(0, 2) * random.integer(0, 20 * DAY);
    if (round % 5 > 0) continue;
    for (const history of [added, repeated])
      history.add(at, alarm('other'), 'StateUpdate', 'changed', JSON.stringify({}));
    at += HOUR;
    expect({ seed, round, items: repeated.all() }).toEqual({ seed, round, items: added.all() });
  }
  expect(repeated.all().length).toBeGreaterThan(0);
});

test.each<[string, object, string]>([
  ['ScanBy', { ScanBy: '' }, "Value '' at 'scanBy' failed to satisfy constraint: Member must satisfy enum value set"],
  ['HistoryItemType', { HistoryItemType: '' }, "Value '' at 'historyItemType' failed to satisfy constraint"],
  ['AlarmTypes', { AlarmTypes: [''] }, "Value '' at 'alarmTypes' failed to satisfy constraint"],
])('an empty %s is refused', async (_, input, message) => {
  await expect(cloudWatchInTest().client.describeAlarmHistory(input)).rejects.toMatchObject({
    Code: 'ValidationError',
    message: expect.stringContaining(message) as string,
  });
});
