import * as fc from 'fast-check';
import { operations, setting } from './operations';
import { Trial } from './trial';

// §1.6–§1.8, §1.10. `npm run test:long` explores with a seed of its own; `npm test` is the same each time. A failure
// prints the seed and the shrunk list of operations; SEED=<it> repeats either.
const long = process.env.LONG !== undefined;
const seed = Number(process.env.SEED ?? (long ? Date.now() % 2 ** 31 : 20_261_122));

/** Runs trials until so many operations have been done. */
async function explore(transport: 'class' | 'sdk', fifo: boolean, atLeast: number): Promise<void> {
  let done = 0;
  const property = fc.asyncProperty(setting, operations, async (given, list) => {
    const trial = new Trial(transport, fifo, given);
    await trial.run(list);
    done += trial.done;
  });
  for (let round = 0; done < atLeast; round++) {
    await fc.assert(property, { seed: seed + round, numRuns: 5 });
  }
  if (long) console.info(`seed ${seed}: ${done} operations on a ${fifo ? 'FIFO' : 'standard'} queue (${transport})`);
}

const counts = long ? { class: 50_000, sdk: 10_000 } : { class: 2_000, sdk: 300 };

describe.each(['class', 'sdk'] as const)('random operations through the %s', (transport) => {
  test.each([
    ['standard', false],
    ['FIFO', true],
  ])('a %s queue does what its model does', (_kind, fifo) => explore(transport, fifo, counts[transport]), 15 * 60_000);
});
