import { type Dispatch, MatchableLog, type RecordStart, resourceKind, type ServiceTesting } from '../../../testing';
import type { Sns } from '../sns';
import { LocalTopic } from './local-topic';
import { matchers } from './matchers';
import { takeTopicEvent } from './topic-events';

const kinds = {
  /**
   * Returns an SNS topic.
   * @throws Error that lists the resources of this kind, if none or several match
   */
  topic: resourceKind({
    name: 'topic',
    types: ['AWS::SNS::Topic'],
    held: ['topic'],
    importedBy: 'topicArn',
    exists: (service: Sns, name) => service.topicViews().some((topic) => topic.name === name),
    handle: LocalTopic,
    record: (start: RecordStart) => new MatchableLog<Dispatch>(start),
  }),
};

/** What tests get of SNS. */
export const testing: ServiceTesting<typeof kinds, typeof matchers> = {
  kinds,
  matchers,
  take(event, recording) {
    takeTopicEvent(event, recording.of(kinds.topic, event.place, event.subject), recording);
    return undefined;
  },
};
