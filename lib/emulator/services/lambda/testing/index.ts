import { type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { Lambda } from '../lambda';
import { takeInvocationEvent } from './invocation-events';
import { FunctionRecord } from './function-record';
import { LocalFunction } from './local-function';
import { matchers } from './matchers';

const kinds = {
  /**
   * Returns a Lambda function.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  function: resourceKind({
    name: 'function',
    types: ['AWS::Lambda::Function'],
    held: ['function', 'handler'],
    importedBy: 'functionArn',
    exists: (service: Lambda, name) => service.functions().some((each) => each.name === name),
    handle: LocalFunction,
    record: (start: RecordStart) => new FunctionRecord(start),
    peak: { of: 'invocations at a time', from: ({ peakConcurrency }) => peakConcurrency },
  }),
};

/** What tests get of Lambda. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take(event, recording) {
    takeInvocationEvent(event, recording.of(kinds.function, event.place, event.subject), recording);
    return undefined;
  },
};
