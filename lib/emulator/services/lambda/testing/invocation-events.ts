import { firstLine, type Recording } from '../../../testing';
import type { TimelineEvent } from '../../../timeline';
import type { FunctionRecord } from './function-record';

/** Records an event of Lambda. */
export function takeInvocationEvent(event: TimelineEvent, fn: FunctionRecord, recording: Recording): void {
  const { at, kind, detail } = event;
  switch (kind) {
    case 'lambda.invoked':
      fn.began(at);
      return;
    case 'lambda.returned':
      fn.ended(at);
      return;
    case 'lambda.failed':
      fn.failed({
        at,
        errorType: String(detail.errorType),
        errorMessage: String(detail.errorMessage),
        trace: event.body?.split('\n') ?? [],
      });
      recording.note(event, `fails: ${String(detail.errorType)}: ${firstLine(String(detail.errorMessage))}`);
      return;
    case 'lambda.throttled':
      fn.throttles++;
      recording.note(event, 'a batch is throttled');
      return;
    case 'lambda.batchFailed':
      recording.note(event, `a batch counts as failed: ${firstLine(String(detail.reason))}`);
      return;
    case 'lambda.dropped':
      recording.note(event, `an event is dropped: ${String(detail.reason)}`);
      return;
    case 'lambda.receiveFailed':
      recording.note(event, `its poller cannot receive: ${firstLine(String(detail.reason))}`);
      return;
    case 'lambda.mappingDisabled':
      recording.note(event, `its event source mapping is disabled: ${String(detail.reason)}`);
      return;
    case 'lambda.deleteFailed':
      recording.note(event, `its poller cannot delete: ${firstLine(String(detail.reason))}`);
  }
}
