import { Random, SECOND, SystemClock, VirtualClock } from '../../../lib/emulator/clock';
import { Agenda } from '../../../lib/emulator/clock/agenda';

describe('Agenda', () => {
  test('gives entries by instant, then in the order they were added, and never a cancelled one', () => {
    const seed = Number(process.env.SEED ?? 20261122);
    const random = new Random(seed);
    const agenda = new Agenda();
    const expected: { at: number; order: number }[] = [];
    for (let order = 0; order < 5_000; order++) {
      const at = random.integer(0, 300);
      const entry = agenda.add(at, () => undefined);
      if (random.next() < 0.6) entry.cancel();
      else expected.push({ at, order });
    }
    expected.sort((a, b) => a.at - b.at || a.order - b.order);
    expect(agenda.size).toBe(expected.length);
    const got: { at: number; order: number }[] = [];
    for (let entry = agenda.shift(); entry !== undefined; entry = agenda.shift()) {
      got.push({ at: entry.at, order: entry.order });
    }
    expect({ seed, got }).toEqual({ seed, got: expected });
  });

  test('a cancelled entry that has run or was cancelled before changes nothing', () => {
    const agenda = new Agenda();
    const first = agenda.add(1, () => undefined);
    agenda.add(2, () => undefined);
    agenda.shift();
    first.cancel();
    first.cancel();
    expect(agenda.size).toBe(1);
  });
});

describe('VirtualClock', () => {
  test('runs due tasks in order, each at its own instant, and ends exactly where told', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const seen: string[] = [];
    clock.schedule(30, () => void seen.push(`b@${clock.now()}`));
    clock.schedule(10, () => {
      seen.push(`a@${clock.now()}`);
      clock.schedule(20, () => void seen.push(`nested@${clock.now()}`));
    });
    clock.schedule(30, () => void seen.push(`c@${clock.now()}`));
    clock.schedule(41, () => void seen.push('too late'));
    await clock.advance(40);
    expect(seen).toEqual(['a@10', 'nested@20', 'b@30', 'c@30']);
    expect(clock.now()).toBe(40);
    expect(clock.nextAt).toBe(41);
  });

  test('an instant that has passed is due at once, but not before schedule returns', async () => {
    const clock = new VirtualClock({ startAt: 100 });
    let ran = false;
    clock.schedule(5, () => void (ran = true));
    expect(ran).toBe(false);
    await clock.advance(0);
    expect(ran).toBe(true);
    expect(clock.now()).toBe(100);
  });

  test('settles the promises that a task left behind before time moves on', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const seen: number[] = [];
    clock.schedule(10, () => {
      void (async () => {
        for (let i = 0; i < 50; i++) await Promise.resolve();
        seen.push(clock.now());
      })();
    });
    clock.schedule(20, () => void seen.push(clock.now()));
    await clock.advance(30);
    expect(seen).toEqual([10, 20]);
  });

  test('gives what was stirred a few turns of the event loop before time moves on', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const seen: number[] = [];
    const work = async () => {
      clock.notifyActivity();
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      seen.push(clock.now());
    };
    clock.schedule(10, () => void work());
    clock.schedule(20, () => void Promise.resolve().then(() => work()));
    clock.schedule(30, () => undefined);
    await clock.advance(40);
    expect(seen).toEqual([10, 20]);
  });

  test('leaves the event loop its turns, however much there is to do', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    let turns = 0;
    const watch = () => {
      turns++;
      watching = setImmediate(watch);
    };
    let watching = setImmediate(watch);
    for (let at = 0; at < 10_000; at++) clock.schedule(at, () => undefined);
    await clock.advance(10_000);
    clearImmediate(watching);
    expect(turns).toBeGreaterThan(10);
  });

  test('waits for a task that works outside of the event loop’s quiet turns', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const seen: number[] = [];
    clock.schedule(10, async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(clock.now());
    });
    clock.schedule(11, () => void seen.push(clock.now()));
    await clock.advance(20);
    expect(seen).toEqual([10, 11]);
  });

  test('a hold keeps time where it is until it is released, once', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const release = clock.hold();
    const other = clock.hold();
    let moved = false;
    const advancing = clock.advance(SECOND).then(() => (moved = true));
    release();
    release();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(moved).toBe(false);
    other();
    await advancing;
    expect(clock.now()).toBe(SECOND);
  });

  test('runUntil stops at the first instant at which the condition holds', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    let count = 0;
    for (let at = 10; at <= 100; at += 10) clock.schedule(at, () => void count++);
    expect(await clock.runUntil(() => count === 3)).toBe(true);
    expect(clock.now()).toBe(30);
    expect(await clock.runUntil(() => count === 99, 35)).toBe(false);
    expect(clock.now()).toBe(65);
    expect(await clock.runUntil(() => count === 99)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  test('next runs exactly one task', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    const seen: string[] = [];
    clock.schedule(5, () => void seen.push('a'));
    clock.schedule(5, () => void seen.push('b'));
    expect(await clock.next()).toBe(true);
    expect(seen).toEqual(['a']);
    expect(await clock.next()).toBe(true);
    expect(await clock.next()).toBe(false);
  });

  test('fails where a task fails, thrown or rejected, and goes on afterwards', async () => {
    const clock = new VirtualClock({ startAt: 0 });
    clock.schedule(1, () => {
      throw new Error('thrown');
    });
    clock.schedule(2, () => Promise.reject(new Error('rejected')));
    await expect(clock.advance(10)).rejects.toThrow('thrown');
    await expect(clock.advance(10)).rejects.toThrow('rejected');
    await clock.advance(10);
  });

  test.each([-1, NaN, Infinity])('fails when moved by %p', async (milliseconds) => {
    await expect(new VirtualClock().advance(milliseconds)).rejects.toThrow(
      `milliseconds must be 0 or more, but was ${milliseconds}`,
    );
  });

  test('fails when moved twice at once', async () => {
    const clock = new VirtualClock();
    const first = clock.advance(1);
    await expect(clock.advance(1)).rejects.toThrow('time is already being moved');
    await first;
  });
});

describe('SystemClock', () => {
  test('passes faster by its speed, and runs tasks in order at their instants', async () => {
    const clock = new SystemClock({ speed: 100 });
    const start = clock.now();
    const seen: [string, number][] = [];
    await new Promise<void>((resolve) => {
      clock.schedule(start + 3 * SECOND, () => {
        seen.push(['late', clock.now()]);
        resolve();
      });
      clock.schedule(start + SECOND, () => void seen.push(['early', clock.now()]));
      clock.schedule(start + 2 * SECOND, () => void seen.push(['never', 0])).cancel();
    });
    expect(seen.map(([name]) => name)).toEqual(['early', 'late']);
    expect(seen[0][1]).toBeGreaterThanOrEqual(start + SECOND);
    expect(seen[1][1]).toBeGreaterThanOrEqual(start + 3 * SECOND);
    clock.stop();
  });

  test('tells of a failing task and goes on', async () => {
    const errors: unknown[] = [];
    const clock = new SystemClock({ onError: (error) => errors.push(error) });
    await new Promise<void>((resolve) => {
      clock.schedule(0, () => {
        throw new Error('first');
      });
      clock.schedule(0, () => Promise.reject(new Error('second')));
      clock.schedule(0, resolve);
    });
    await Promise.resolve();
    expect(errors.map(String)).toEqual(['Error: first', 'Error: second']);
  });

  test.each([0, -1, NaN, Infinity])('fails for a speed of %p', (speed) => {
    expect(() => new SystemClock({ speed })).toThrow(`speed must be a number above 0, but was ${speed}`);
  });
});

describe('Random', () => {
  test('gives the same sequence for the same seed, and another for another', () => {
    const draw = (seed: number) =>
      Array.from(
        { length: 20 },
        (
          (random) => () =>
            random.uint32()
        )(new Random(seed)),
      );
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(draw(7)).not.toEqual(draw(7 + 2 ** 32));
  });

  test('is spread evenly, within its bounds', () => {
    const random = new Random(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.integer(0, 9)]++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  test('makes version 4 UUIDs, and forks that do not disturb one another', () => {
    const random = new Random(3);
    expect(random.uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const deep = (seed: number) =>
      ['a', 'b', 'c', 'd', 'e'].reduce((random, name) => random.fork(name), new Random(seed));
    const ids = new Set(Array.from({ length: 1_000 }, (_, seed) => deep(seed).uuid()));
    expect(ids.size).toBe(1_000);
    const one = new Random(3).fork('a');
    const other = new Random(3);
    other.uint32();
    expect(other.fork('a').uuid()).toBe(one.uuid());
    expect(other.fork('b').uuid()).not.toBe(other.fork('a').uuid());
  });
});
