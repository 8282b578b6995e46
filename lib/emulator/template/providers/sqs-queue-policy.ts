import type { Cloud } from '../cloud';
import type { JsonObject } from '../json';
import { document, emulated, inert, list, required, text } from '../shapes';
import { define } from './define';

const policy = required(inert(document, 'kept and told by GetQueueAttributes, not enforced'));

/** A queue has one policy: a second QueuePolicy for the same queue replaces the first one's, as on AWS. */
export const sqsQueuePolicy = define({
  type: 'AWS::SQS::QueuePolicy',
  properties: { PolicyDocument: policy, Queues: required(emulated(list(text))) },
  create(resource, cloud) {
    for (const queueUrl of resource.properties.Queues) setPolicy(queueUrl, resource.properties.PolicyDocument, cloud);
    const id = resource.name({ longest: 128 });
    return { ref: id, attributes: { Id: id } };
  },
});

export const sqsQueueInlinePolicy = define({
  type: 'AWS::SQS::QueueInlinePolicy',
  properties: { PolicyDocument: policy, Queue: required(emulated(text)) },
  create(resource, cloud) {
    setPolicy(resource.properties.Queue, resource.properties.PolicyDocument, cloud);
    return { ref: resource.properties.Queue, attributes: {} };
  },
});

function setPolicy(queueUrl: string, policyDocument: JsonObject, cloud: Cloud): void {
  const input = { QueueUrl: queueUrl, Attributes: { Policy: JSON.stringify(policyDocument) } };
  cloud.sqs.setQueueAttributes(input, cloud.call);
}
