import { stripVTControlCharacters } from 'node:util';
import { StoryStatistics } from '../../bin/story/figures';
import { LiveView } from '../../bin/story/live-view';
import type { Scene } from '../../bin/story/scene';

/** The story at its height: all eight instances are in service. */
function scene(instanceCount: number): Scene {
  const books = new StoryStatistics();
  for (let video = 1; video <= 1_000; video++) books.sent(`message-${video}`, video);
  for (let video = 1; video <= 400; video++) {
    books.logged({ source: 'catalogue', stream: 'stdout', text: `{"catalogued":${video}}`, at: 0 });
  }
  const instances = Array.from({ length: instanceCount }, (_, at) => ({
    id: `i-${at}23456789abcdef0`,
    state: 'InService',
  }));
  const place = { account: '000000000000', region: 'us-east-1' };
  const queue = (label: string, deadLetterQueue: boolean) => {
    return { ...place, name: label, label, visible: 123_456, inFlight: 10, delayed: 0, deadLetterQueue };
  };
  return {
    chapter: 'The backlog is drained: the alarm clears, and the group shrinks.',
    elapsed: 3_725_000,
    speed: 40,
    total: 1_000,
    books,
    cloud: {
      at: 0,
      queues: ['Encoded', 'Videos'].flatMap((name) => [
        queue(`VideoEncoding/${name}/Queue`, false),
        queue(`VideoEncoding/${name}/DeadLetterQueue/Queue`, true),
      ]),
      alarms: ['ScaleOut', 'ScaleIn', 'DeadLetters'].map((name) => ({
        ...place,
        name,
        label: `VideoEncoding/Encoders/Group/${name}/Alarm`,
        state: 'ALARM' as const,
      })),
      logGroups: [],
      groups: [{ ...place, name: 'g', label: 'g', desired: 8, min: 1, max: 8, instances, warmPool: [] }],
      rules: [],
      schedules: [],
      parameters: [],
      streams: [],
      tables: [],
      secrets: [],
      roles: [],
      topics: [],
      buckets: [],
    },
    doing: new Map(instances.map(({ id }) => [id, `encoding video 1234, frame 12 of 16 ${'.'.repeat(80)}`])),
  };
}

/** The lines that a terminal of this size shows, without their colours. */
function drawn(columns: number, rows: number, instanceCount = 8): string[] {
  let written = '';
  new LiveView({ columns, rows, write: (text) => (written += text) }).show(scene(instanceCount));
  return stripVTControlCharacters(written).replaceAll('\r', '').split('\n').slice(0, -1);
}

test.each([
  [80, 24],
  [60, 24],
  [60, 40],
  [40, 15],
  [200, 60],
])('at %d columns and %d rows nothing wraps or scrolls, and bar and totals are visible', (columns, rows) => {
  const lines = drawn(columns, rows);
  expect(lines.length).toBeLessThan(rows);
  for (const line of lines) expect(line.length).toBeLessThan(columns);
  expect(lines).toContainEqual(expect.stringMatching(/^█+░+ 400 of 1000 {2}/));
  expect(lines).toContainEqual(expect.stringMatching(/^sent 1000 {3}processed 400 /));
});

test('at 80 columns and 24 rows each of eight instances is visible, with queues and alarms', () => {
  const lines = drawn(80, 24);
  expect(lines.filter((line) => /^ {2}i-/.test(line))).toHaveLength(8);
  expect(lines.filter((line) => /ALARM$/.test(line))).toHaveLength(3);
  expect(lines.filter((line) => / 123456 /.test(line))).toHaveLength(4);
  expect(lines).not.toContain('');
});

test('blank lines part the sections where there is room', () => {
  expect(drawn(80, 40).filter((line) => line === '')).toHaveLength(3);
});

test('the rows that do not fit are counted', () => {
  const lines = drawn(80, 24, 20);
  expect(lines.filter((line) => /^ {2}i-/.test(line))).toHaveLength(8);
  expect(lines.at(-1)).toBe('  … and 12 more');
});
