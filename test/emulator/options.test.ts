import { Emulator, VirtualClock } from '../../lib/emulator';
import { LocalCloud } from '../../lib/testing';

// As callers in JavaScript write them.
const emulatorWith = (options: object) => () => new Emulator({ clock: new VirtualClock(), ...options });

describe('an emulator refuses', () => {
  test.each<[object, string]>([
    [{ account: 'x' }, "account must be 12 digits, but was 'x'"],
    [{ account: 123_456_789_012 }, 'account must be 12 digits, but was 123456789012'],
    [{ account: '1234567890123' }, "account must be 12 digits, but was '1234567890123'"],
    [{ region: '' }, "region must be the name of an AWS Region, such as us-east-1, but was ''"],
    [{ region: 'Frankfurt' }, "region must be the name of an AWS Region, such as us-east-1, but was 'Frankfurt'"],
    [{ sqsLimits: { delay: NaN } }, 'sqsLimits.delay must be 0 or more, or Infinity, but was NaN'],
    [{ sqsLimits: { delay: -1 } }, 'sqsLimits.delay must be 0 or more, or Infinity, but was -1'],
    [{ sqsLimits: { delay: '1' } }, "sqsLimits.delay must be 0 or more, or Infinity, but was '1'"],
    [
      { kmsLimits: { symmetricRequestsPerSecond: null } },
      'kmsLimits.symmetricRequestsPerSecond must be 0 or more, or Infinity, but was null',
    ],
    [{ sqsAnomalies: { duplicates: 1 } }, 'sqsAnomalies.duplicates must be at least 0 and less than 1, but was 1'],
    [{ bootTime: -1 }, 'bootTime must be 0 or more milliseconds, but was -1'],
    [{ warmStartTime: Infinity }, 'warmStartTime must be 0 or more milliseconds, but was Infinity'],
    [{ healthCheckDelay: '60' }, "healthCheckDelay must be 0 or more milliseconds, but was '60'"],
    [{ metricDelay: NaN }, 'metricDelay must be 0 or more milliseconds, but was NaN'],
    [{ clockSkew: -1 }, 'clockSkew must be 0 or more milliseconds, but was -1'],
    [{ scaleInShare: 0 }, 'scaleInShare must be more than 0 and at most 1, but was 0'],
    [{ scaleInShare: 1.01 }, 'scaleInShare must be more than 0 and at most 1, but was 1.01'],
    [{ idlePollers: 1_001 }, 'idlePollers must be a whole number from 1 to 1,000, but was 1001'],
    [{ idlePollers: 0.5 }, 'idlePollers must be a whole number from 1 to 1,000, but was 0.5'],
    [{ seed: 1.5 }, 'seed must be a whole number, but was 1.5'],
    [{ compute: 'docker' }, "compute must be 'processes' or 'in-process', but was 'docker'"],
    [
      { unresponsiveAfter: 0 },
      'unresponsiveAfter must be a whole number of milliseconds from 1 to 2,147,483,647, or Infinity, but was 0',
    ],
    [{ strict: 'true' }, "strict must be true or false, but was 'true'"],
    [{ queuePolicies: 0 }, 'queuePolicies must be true or false, but was 0'],
    [{ onLog: 'console' }, "onLog must be a function, but was 'console'"],
    [{ authorizeKey: {} }, 'authorizeKey must be a function, but was an object'],
    [{ clock: null }, 'clock must be a clock, but was null'],
  ])('%j', (options, message) => {
    expect(emulatorWith(options)).toThrow(new RangeError(message));
  });

  test.each<[object, RegExp]>([
    [{ regoin: 'us-east-1' }, /^regoin is not an option; allowed: account, allowHosts, .*, warmStartTime$/],
    [{ constructor: 1 }, /^constructor is not an option; /],
    [{ sqsLimits: { foo: NaN } }, /^sqsLimits\.foo is not an option; allowed: messageSize, batchEntries, /],
    [{ kmsLimits: { requests: 1 } }, /^kmsLimits\.requests is not an option; allowed: symmetricRequestsPerSecond$/],
    [{ sqsAnomalies: { latency: 0.1 } }, /^sqsAnomalies\.latency is not an option; allowed: duplicates, reordering, /],
    [{ sqsLimits: 5 }, /^sqsLimits must be an object, but was 5$/],
  ])('%j', (options, message) => {
    expect(emulatorWith(options)).toThrow(TypeError);
    expect(emulatorWith(options)).toThrow(message);
  });
});

test('an emulator takes the values at the boundaries, and undefined for the default', async () => {
  const emulator = emulatorWith({
    account: undefined,
    region: 'us-gov-west-1',
    sqsLimits: { delay: Infinity, creationTime: 0, tags: undefined },
    bootTime: 0,
    scaleInShare: 1,
    idlePollers: 1_000,
    sqsAnomalies: { duplicates: 0 },
  })();
  await emulator.stop();
});

test('a LocalCloud refuses options by the names that it has, and leaves values to the emulator', async () => {
  const cloudWith = (options: object) => LocalCloud.fromAssembly('nowhere', options);
  await expect(cloudWith({ clock: new VirtualClock() })).rejects.toThrow(
    /^clock is not an option of LocalCloud; allowed: account, .*, startAt, strict, .*warmStartTime$/,
  );
  await expect(cloudWith({ account: 'x' })).rejects.toThrow("account must be 12 digits, but was 'x'");
});
