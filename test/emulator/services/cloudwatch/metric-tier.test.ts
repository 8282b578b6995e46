import { DAY, HOUR, MINUTE, Random } from '../../../../lib/emulator/clock';
import { MetricTier } from '../../../../lib/emulator/services/cloudwatch/metrics/metric-tier';

const START = Date.UTC(2030, 0, 1);

/** Minutes for a day, then five minutes for four, then hours for ten: as CloudWatch keeps them, only shorter. */
function tiers(): MetricTier[] {
  const hours = new MetricTier({ resolution: HOUR, keep: 10 * DAY }, undefined);
  const fives = new MetricTier({ resolution: 5 * MINUTE, keep: 4 * DAY }, hours);
  return [new MetricTier({ resolution: MINUTE, keep: DAY }, fives), fives, hours];
}

function content(all: readonly MetricTier[]): unknown[] {
  return all.map((tier) => {
    const points: unknown[] = [];
    tier.forEach(-Infinity, Infinity, (start, point) => points.push([start, { ...point }]));
    return points;
  });
}

/** Values whose sums depend on the order of the additions, statistic sets, and several data of a minute. */
function datum(random: Random) {
  const value = random.integer(0, 3) === 0 ? random.next() : random.integer(0, 2);
  if (random.integer(0, 5) === 0) return { sampleCount: 3, sum: value + 0.3, minimum: 0.1, maximum: value + 0.1 };
  return { sampleCount: 1, sum: value, minimum: value, maximum: value };
}

test('runs of equal points come to the same as each point on its own, however they grow old', () => {
  const seed = Number(process.env.SEED ?? 20261122);
  const random = new Random(seed);
  const [one, all] = [tiers(), tiers()];
  let at = START + 17 * MINUTE;
  for (let round = 0; round < 400; round++) {
    const data = datum(random);
    const times = random.integer(0, 9) === 0 ? random.integer(500, 5_000) : random.integer(1, 20);
    for (let minute = 0; minute < times; minute++) {
      one[0].add(at + minute * MINUTE, data);
      for (const tier of one) tier.age(at + (minute + 1) * MINUTE);
    }
    all[0].addRun(at, times, data);
    for (const tier of all) tier.age(at + times * MINUTE);
    // Something late, in the midst of what is there, of which only minutes are left.
    if (random.integer(0, 3) === 0) {
      const late = at - random.integer(0, 600) * MINUTE + random.integer(0, MINUTE - 1);
      if (late > START) for (const [minutes] of [one, all]) minutes.add(late, data);
    }
    at += (times + (random.integer(0, 4) === 0 ? random.integer(1, 90) : 0)) * MINUTE;
    if (round % 20 === 0)
      expect({ seed, round, content: content(all) }).toEqual({ seed, round, content: content(one) });
  }
  expect(content(all)).toEqual(content(one));
});

test('a level is without a gap and without a step', () => {
  const [minutes] = tiers();
  const data = { sampleCount: 1, sum: 3, minimum: 3, maximum: 3 };
  expect(minutes.isLevel(START, START + HOUR)).toBe(true); // nothing at all
  minutes.addRun(START, 60, data);
  expect(minutes.isLevel(START, START + HOUR)).toBe(true);
  expect(minutes.isLevel(START - MINUTE, START + HOUR)).toBe(false);
  expect(minutes.isLevel(START, START + HOUR + MINUTE)).toBe(false); // it has ended
  expect(minutes.isLevel(START + HOUR, Infinity)).toBe(true); // and has left
  minutes.add(START + HOUR, { ...data, sum: 4, minimum: 4, maximum: 4 });
  expect(minutes.isLevel(START, START + HOUR + MINUTE)).toBe(false);
  expect(minutes.isLevel(START + HOUR, START + HOUR + MINUTE)).toBe(true);
});
