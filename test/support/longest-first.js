const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes longest, or waits for other processes: begun last, it would keep one core busy and the others idle. */
const LONGEST = [
  'bin/start',
  'emulator/idleness',
  'emulator/closed-loop',
  'bin/verbs',
  'testing/local-cloud',
  'bin/command-line',
  'clients/aws-tools',
  'testing/determinism',
  'docs/testing-examples',
  'house/adding-a-service',
  'testing/timed-out',
  'testing/behaviour/failing-consumer',
  'rules/catalogue',
  'testing/faults',
].map((name) => `/test/${name}.test.ts`);

/** Jest's own order, but for the longest: where nothing ran before, Jest goes by the length of the text. */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.replaceAll('\\', '/').endsWith(name));
      return index === -1 ? LONGEST.length : index;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
};
