import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { emulated, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { tagList, tagMap } from '../../../cloudformation/provider/tags';
import { SECOND } from '../../../clock';
import type { Kinesis } from '../kinesis';

/** A consumer that is registered with a stream. */
export const kinesisStreamConsumer = define({
  type: 'AWS::Kinesis::StreamConsumer',
  properties: {
    ConsumerName: replacing(required(emulated(text))),
    StreamARN: replacing(required(emulated(text))),
    Tags: replacing(emulated(tagList)),
  },
  create({ properties: { ConsumerName, StreamARN, Tags = [] } }, { service, call }: ResourceContext<Kinesis>) {
    service.registerStreamConsumer({ ConsumerName, StreamARN, Tags: tagMap(Tags) }, call);
    const consumer = service.directory.byArn(StreamARN)?.consumers.get(ConsumerName);
    if (consumer === undefined) throw new Error(`the consumer ${ConsumerName} was registered, but is not there`);
    consumer.status = 'ACTIVE';
    return {
      ref: consumer.arn,
      attributes: {
        ConsumerARN: consumer.arn,
        ConsumerName,
        ConsumerStatus: 'ACTIVE',
        ConsumerCreationTimestamp: String(Math.floor(consumer.createdAt / SECOND)),
        StreamARN,
      },
    };
  },
  delete({ ref }, { service, call }: ResourceContext<Kinesis>) {
    unlessGone(() => service.deregisterStreamConsumer({ ConsumerARN: ref }, call), 'ResourceNotFoundException');
    const consumer = service.directory.consumer(ref);
    consumer?.stream.consumers.delete(consumer.name);
  },
});
