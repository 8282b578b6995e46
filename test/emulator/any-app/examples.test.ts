import { App, Stack } from 'aws-cdk-lib/core';
import { FLAGS } from 'aws-cdk-lib/cx-api';
import { Emulator, formatReport, VirtualClock } from '../../../lib/emulator';
import { emptyFolder } from '../cloudformation/support';
import { examples } from './examples';

// The constructs' own code calls what it has deprecated.
process.env.JSII_DEPRECATED = 'quiet';

/** What \`cdk init\` writes into cdk.json. */
const recommended = Object.fromEntries(
  Object.entries(FLAGS)
    .filter(([, { introducedIn }]) => 'v2' in introducedIn && introducedIn.v2 !== undefined)
    .map(([name, { recommendedValue }]): [string, unknown] => [name, recommendedValue]),
);

describe.each([
  ['without feature flags', {}],
  ['with the feature flags of a new app', recommended],
])('%s', (_, context) => {
  test.each(Object.entries(examples))('%s: loads, runs, and says what is missing', async (_name, { build, absent }) => {
    const stack = new Stack(new App({ context, outdir: emptyFolder() }), 'Example');
    build(stack);
    const clock = new VirtualClock();
    const emulator = await Emulator.fromStack(stack, { clock });
    const [report] = emulator.reports;
    const unsupported = report.resources.filter(({ status }) => status === 'unsupported');
    const types = [...new Set(unsupported.map(({ type }) => type))].sort();
    expect(types).toEqual(absent);
    for (const { note } of unsupported) expect(note).toEqual(expect.any(String));
    for (const line of formatReport(report).split('\n').slice(1))
      expect(line).toMatch(/^ {2}( {2}|- |! )(AWS|Custom)::/);
    await clock.advance(10 * 60_000);
    // A version that differs in nothing leaves placeholders alone, too.
    const [again] = await emulator.load(stack.node.root instanceof App ? stack.node.root.outdir : '');
    expect(again.resources.filter(({ action }) => action !== 'unchanged')).toEqual([]);
    await emulator.stop();
  });
});
