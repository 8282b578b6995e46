import type { EmulatorOptions } from '../../lib/emulator';
import { ConformanceCloud, type Protocol, type TransportName } from './cloud';

const WAYS: readonly (readonly [TransportName, Protocol])[] = [
  ['port', 'JSON'],
  ['port', 'Query'],
  ['in-process', 'JSON'],
  ['in-process', 'Query'],
];

/** A row of the contract: what it says, and a check of it on a cloud of its own. */
export type Rows = Readonly<Record<string, (cloud: ConformanceCloud) => Promise<void>>>;

/** Holds the emulator to a section's rows, on each transport in each protocol. */
export function conformance(section: string, rows: Rows, options: EmulatorOptions = {}, ways = WAYS): void {
  describe.each(ways)(`${section} (%s, %s)`, (transport, protocol) => {
    test.each(Object.entries(rows))('%s', async (_name, check) => {
      const cloud = await ConformanceCloud.open(transport, protocol, options);
      try {
        await check(cloud);
      } finally {
        await cloud.close();
      }
    });
  });
}

/** As {@link conformance}, for rows that speak for themselves: each transport once. */
export function rawConformance(section: string, rows: Rows, options: EmulatorOptions = {}): void {
  conformance(section, rows, options, [
    ['port', 'JSON'],
    ['in-process', 'JSON'],
  ]);
}
