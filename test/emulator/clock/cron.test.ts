import { Cron } from 'croner';
import { CronExpression, DAY, HOUR, MINUTE, Random, TimeZone, UTC, type Zone } from '../../../lib/emulator/clock';

// Contract §11.6 and §12.2.

const LONG = process.env.LONG === '1';
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const START = Date.UTC(2026, 0, 1);

const zones = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'America/Sao_Paulo',
  'America/St_Johns',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Africa/Casablanca',
  'Pacific/Apia',
  'Pacific/Chatham',
];
const timeZones = new Map(zones.map((name) => [name, new TimeZone(name)]));
const zoneOf = (name: string): Zone => timeZones.get(name) ?? UTC;

/** The occurrences of an expression after an instant, as text in UTC. */
function occurrences(expression: string, zone: Zone, after: number, count: number): string[] {
  const cron = CronExpression.parse(expression);
  const found: string[] = [];
  for (let at = cron?.next(after, zone); at !== undefined && found.length < count; at = cron?.next(at, zone)) {
    found.push(text(at));
  }
  return found;
}

const text = (at: number): string => new Date(at).toISOString().replace(':00.000Z', '');

describe(`random expressions, by seed ${SEED}`, () => {
  const random = new Random(SEED);
  const pick = <T>(values: readonly T[]): T => values[random.integer(0, values.length - 1)];
  const chance = (share: number) => random.next() < share;

  /** A field as EventBridge writes it, and as croner does. */
  type Field = readonly [ours: string, theirs: string];

  /** A list of one to three values, ranges and steps. */
  function listOf(least: number, most: number, hasSteps: boolean): Field {
    const parts = Array.from({ length: random.integer(1, 3) }, (): Field => {
      const from = random.integer(least, most);
      const to = random.integer(from, most);
      const by = random.integer(1, Math.max(1, Math.floor((most - least) / 2)));
      const forms: Field[] = [
        [`${from}`, `${from}`],
        [`${from}-${to}`, `${from}-${to}`],
      ];
      if (hasSteps) {
        forms.push([`${from}/${by}`, `${from}-${most}/${by}`], [`*/${by}`, `${least}-${most}/${by}`]);
        if (by <= to - from + 1) forms.push([`${from}-${to}/${by}`, `${from}-${to}/${by}`]);
      }
      return pick(forms.filter(([, theirs]) => isStepPossible(theirs)));
    });
    return [parts.map(([ours]) => ours).join(','), parts.map(([, theirs]) => theirs).join(',')];
  }

  /** croner refuses a step that is longer than its range. */
  function isStepPossible(form: string): boolean {
    const [, from, to, by] = /^(\d+)-(\d+)\/(\d+)$/.exec(form) ?? [];
    return by === undefined || Number(by) <= Number(to) - Number(from) + 1;
  }

  const any: Field = ['*', '*'];
  const field = (least: number, most: number, often = 0.5, hasSteps = true) =>
    chance(often) ? any : listOf(least, most, hasSteps);

  function days(): readonly [Field, Field] {
    const none: Field = ['?', '*'];
    if (chance(0.5)) {
      const day = random.integer(1, 28);
      const special: Field[] = [
        ['L', 'L'],
        [`${day}W`, `${day}W`],
      ];
      return [chance(0.3) ? pick(special) : field(1, 31), none];
    }
    const weekday = random.integer(1, 7);
    const nth = random.integer(1, 5);
    const special: Field[] = [
      [`${weekday}#${nth}`, `${weekday}#${nth}`],
      [`${weekday}L`, `${weekday}#L`],
    ];
    return [none, chance(0.4) ? pick(special) : field(1, 7, 0.3, false)];
  }

  function expression(): Field {
    const [ofMonth, ofWeek] = days();
    const year: Field = chance(0.2) ? [`${random.integer(2026, 2029)}-2032`, ''] : any;
    const theirYear = year[0] === '*' ? '*' : year[0];
    const fields = [field(0, 59, 0.1), field(0, 23, 0.2), ofMonth, field(1, 12), ofWeek];
    return [
      [...fields.map(([ours]) => ours), year[0]].join(' '),
      ['0', ...fields.map(([, theirs]) => theirs), theirYear].join(' '),
    ];
  }

  /** Whether the zone's offset changes within hours of an instant: there croner has other rules than AWS. */
  function isNearChange(zone: TimeZone, at: number): boolean {
    const offset = zone.offsetAt(at);
    return zone.offsetAt(at - 4 * HOUR) !== offset || zone.offsetAt(at + 4 * HOUR) !== offset;
  }

  test(`occur when croner says`, () => {
    const cases = LONG ? 20_000 : 2_000;
    let compared = 0;
    for (let index = 0; index < cases; index++) {
      const [ours, theirs] = expression();
      const zoneName = pick(zones);
      const zone = timeZones.get(zoneName) as TimeZone;
      const after = START + random.integer(0, 3 * 365) * DAY + random.integer(0, 1_439) * MINUTE;
      const oracle = new Cron(theirs, { timezone: zoneName, alternativeWeekdays: true, mode: '7-part', paused: true });
      const cron = CronExpression.parse(ours);
      for (let at = after, step = 0; step < 3; step++) {
        const expected = oracle.nextRun(new Date(at))?.getTime();
        const actual = cron?.next(at, zone);
        if ([expected, actual].some((instant) => instant !== undefined && isNearChange(zone, instant))) break;
        compared++;
        const shown = (instant: number | undefined) => (instant === undefined ? 'never' : text(instant));
        expect(`${ours} in ${zoneName} after ${text(at)}: ${shown(actual)}`).toBe(
          `${ours} in ${zoneName} after ${text(at)}: ${shown(expected)}`,
        );
        if (expected === undefined) break;
        at = expected;
      }
    }
    expect(compared).toBeGreaterThan(cases);
  });

  /** The instants of a zone's clock changes in a time, to the minute. */
  function changesOf(zone: TimeZone, from: number, to: number): number[] {
    const changes: number[] = [];
    for (let day = from; day < to; day += DAY) {
      if (zone.offsetAt(day) === zone.offsetAt(day + DAY)) continue;
      let [before, after] = [day, day + DAY];
      while (after - before > MINUTE) {
        const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
        if (zone.offsetAt(middle) === zone.offsetAt(day)) before = middle;
        else after = middle;
      }
      changes.push(after);
    }
    return changes;
  }

  test('around clock changes, occur in the first minute that has their local time', () => {
    const cases = LONG ? 100 : 10;
    let occurred = 0;
    for (const [zoneName, zone] of timeZones) {
      for (const change of changesOf(zone, START, START + 366 * DAY)) {
        const [from, to] = [change - 4 * HOUR, change + 4 * HOUR];
        const first = new Map<number, number>();
        for (let at = from; at < to; at += MINUTE) {
          const { year, month, day, hour, minute } = zone.toLocal(at);
          const local = Date.UTC(year, month - 1, day, hour, minute);
          if (!first.has(local)) first.set(local, at);
        }
        for (let index = 0; index < cases; index++) {
          const ours = [field(0, 59, 0.2)[0], field(0, 23, 0.5)[0], '*', '*', '?', '*'].join(' ');
          const cron = CronExpression.parse(ours);
          const expected = [...first].filter(([local]) => cron?.next(local - 1, UTC) === local).map(([, at]) => at);
          const actual: number[] = [];
          for (let at = cron?.next(from - 1, zone); at !== undefined && at < to; at = cron?.next(at, zone))
            actual.push(at);
          expect([ours, zoneName, actual.map(text)]).toEqual([ours, zoneName, expected.map(text)]);
          occurred += actual.length;
        }
      }
    }
    expect(occurred).toBeGreaterThan(1_000);
  });
});

/** Occurrences of 2030, around clock changes where there are some. */
const TABLE: readonly [expression: string, zone: string, after: string, expected: string[]][] = [
  // 1 is Sunday.
  ['0 12 ? * 1 *', 'UTC', '2030-01-01', ['2030-01-06T12:00', '2030-01-13T12:00']],
  ['0 12 ? * SUN *', 'UTC', '2030-01-01', ['2030-01-06T12:00']],
  ['0 12 ? * 7 *', 'UTC', '2030-01-01', ['2030-01-05T12:00']],
  [
    '0 12 ? * mon-wed *',
    'UTC',
    '2030-01-05',
    ['2030-01-07T12:00', '2030-01-08T12:00', '2030-01-09T12:00', '2030-01-14T12:00'],
  ],
  // A range may go over the end.
  [
    '0 12 ? * FRI-MON *',
    'UTC',
    '2030-01-01',
    ['2030-01-04T12:00', '2030-01-05T12:00', '2030-01-06T12:00', '2030-01-07T12:00', '2030-01-11T12:00'],
  ],
  [
    '0 22-1 1 1 ? 2031',
    'UTC',
    '2030-01-01',
    ['2031-01-01T00:00', '2031-01-01T01:00', '2031-01-01T22:00', '2031-01-01T23:00'],
  ],
  [
    '0 0 1 NOV-FEB ? *',
    'UTC',
    '2030-01-15',
    ['2030-02-01T00:00', '2030-11-01T00:00', '2030-12-01T00:00', '2031-01-01T00:00'],
  ],
  // L, W and #.
  ['0 0 L * ? *', 'UTC', '2030-01-01', ['2030-01-31T00:00', '2030-02-28T00:00', '2030-03-31T00:00']],
  ['0 0 L 2 ? *', 'UTC', '2030-03-01', ['2031-02-28T00:00', '2032-02-29T00:00']],
  [
    '0 0 LW * ? *',
    'UTC',
    '2030-03-01',
    ['2030-03-29T00:00', '2030-04-30T00:00', '2030-05-31T00:00', '2030-06-28T00:00'],
  ],
  ['0 0 1W * ? *', 'UTC', '2030-05-15', ['2030-06-03T00:00', '2030-07-01T00:00']],
  [
    '0 0 15W * ? *',
    'UTC',
    '2030-06-01',
    ['2030-06-14T00:00', '2030-07-15T00:00', '2030-08-15T00:00', '2030-09-16T00:00'],
  ],
  [
    '0 0 31W * ? *',
    'UTC',
    '2030-03-15',
    ['2030-03-29T00:00', '2030-05-31T00:00', '2030-07-31T00:00', '2030-08-30T00:00'],
  ],
  ['0 0 ? * L *', 'UTC', '2030-01-01', ['2030-01-05T00:00', '2030-01-12T00:00']],
  ['0 0 ? * 6L *', 'UTC', '2030-01-01', ['2030-01-25T00:00', '2030-02-22T00:00']],
  ['0 0 ? * FRIL *', 'UTC', '2030-01-01', ['2030-01-25T00:00']],
  ['0 0 ? * 3#2 *', 'UTC', '2030-01-01', ['2030-01-08T00:00', '2030-02-12T00:00']],
  ['0 0 ? * SAT#5 *', 'UTC', '2030-01-01', ['2030-03-30T00:00', '2030-06-29T00:00']],
  // Steps.
  [
    '5/20 0 1 1 ? *',
    'UTC',
    '2029-12-31',
    ['2030-01-01T00:05', '2030-01-01T00:25', '2030-01-01T00:45', '2031-01-01T00:05'],
  ],
  ['*/40 0 1 1 ? *', 'UTC', '2029-12-31', ['2030-01-01T00:00', '2030-01-01T00:40', '2031-01-01T00:00']],
  ['0 0 1 1 ? 2030/2', 'UTC', '2029-12-31', ['2030-01-01T00:00', '2032-01-01T00:00', '2034-01-01T00:00']],
  // No occurrence is left, or there never is one.
  ['0 0 1 1 ? 2029', 'UTC', '2030-01-01', []],
  ['0 0 31 2 ? *', 'UTC', '2030-01-01', []],
  ['0 0 29 2 ? *', 'UTC', '2030-01-01', ['2032-02-29T00:00', '2036-02-29T00:00']],
  // Clock changes: what is skipped does not occur, and what is repeated occurs the first time.
  ['30 2 30,31 3 ? *', 'Europe/Berlin', '2030-03-01', ['2030-03-30T01:30', '2031-03-31T00:30']],
  [
    '*/30 1-3 31 3 ? 2030',
    'Europe/Berlin',
    '2030-03-01',
    ['2030-03-31T00:00', '2030-03-31T00:30', '2030-03-31T01:00', '2030-03-31T01:30'],
  ],
  [
    '*/30 1-3 27 10 ? 2030',
    'Europe/Berlin',
    '2030-10-01',
    [
      '2030-10-26T23:00',
      '2030-10-26T23:30',
      '2030-10-27T00:00',
      '2030-10-27T00:30',
      '2030-10-27T02:00',
      '2030-10-27T02:30',
    ],
  ],
  ['30 2 10 3 ? *', 'America/New_York', '2030-03-01', ['2031-03-10T06:30', '2032-03-10T07:30']],
  ['30 1 3 11 ? *', 'America/New_York', '2030-10-01', ['2030-11-03T05:30', '2031-11-03T06:30']],
  // Half an hour, and a day that a zone left out.
  ['15 2 ? 10 1#1 *', 'Australia/Lord_Howe', '2030-01-01', []],
  ['45 1 ? 4 1#1 2030', 'Australia/Lord_Howe', '2030-01-01', ['2030-04-06T14:45']],
  ['0 12 30 12 ? *', 'Pacific/Apia', '2010-12-31', ['2012-12-29T22:00']],
];

test.each(TABLE)('%s in %s, after %s', (expression, zone, after, expected) => {
  const found = occurrences(expression, zoneOf(zone), Date.parse(`${after}T00:00:00Z`), Math.max(expected.length, 1));
  expect(found).toEqual(expected);
});

test.each([
  '0 12 * * * *', // neither day is ?
  '0 12 ? * ? *', // both are
  '0 12 1 * MON *',
  '60 12 * * ? *',
  '0 24 * * ? *',
  '0 12 0 * ? *',
  '0 12 32 * ? *',
  '0 12 * 13 ? *',
  '0 12 ? * 0 *',
  '0 12 ? * 8 *',
  '0 12 * * ? 1969',
  '0 12 * * ? 2200',
  '0 12 * * ? 2031-2030',
  '0 12 ? * 2/2 *',
  '0 12 ? * 2#6 *',
  '0 12 ? * 2#0 *',
  '0 12 32W * ? *',
  '0 12 W * ? *',
  '0 12 * FOO ? *',
  '0/0 12 * * ? *',
  '*-5 12 * * ? *',
  '1,,2 12 * * ? *',
  '0 12 * *',
  '0 12 * * ? * *',
  '',
])('%s is refused', (expression) => {
  expect(CronExpression.parse(expression)).toBeUndefined();
});
