import type { Sqs } from '../sqs';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { JsonObject } from '../../../cloudformation/provider/json';
import { document, emulated, list, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const policy = required(emulated(document));

/** A queue has one policy: a second QueuePolicy for the same queue replaces that of the first, as on AWS. */
export const sqsQueuePolicy = define({
  type: 'AWS::SQS::QueuePolicy',
  properties: { PolicyDocument: policy, Queues: required(emulated(list(text))) },
  create(resource, context: ResourceContext<Sqs>) {
    for (const queueUrl of resource.properties.Queues) setPolicy(queueUrl, resource.properties.PolicyDocument, context);
    const id = resource.name({ longest: 128 });
    return { ref: id, attributes: { Id: id } };
  },
  update({ ref, attributes, properties, previous }, context: ResourceContext<Sqs>) {
    for (const queueUrl of properties.Queues) setPolicy(queueUrl, properties.PolicyDocument, context);
    for (const queueUrl of previous.Queues) {
      if (!properties.Queues.includes(queueUrl)) clearPolicy(queueUrl, context);
    }
    return { ref, attributes };
  },
  delete({ properties }, context: ResourceContext<Sqs>) {
    for (const queueUrl of properties.Queues) clearPolicy(queueUrl, context);
  },
});

export const sqsQueueInlinePolicy = define({
  type: 'AWS::SQS::QueueInlinePolicy',
  properties: { PolicyDocument: policy, Queue: replacing(required(emulated(text))) },
  unique: { name: ({ properties }) => properties.Queue },
  create(resource, context: ResourceContext<Sqs>) {
    setPolicy(resource.properties.Queue, resource.properties.PolicyDocument, context);
    return { ref: resource.properties.Queue, attributes: {} };
  },
  update({ ref, properties }, context: ResourceContext<Sqs>) {
    setPolicy(properties.Queue, properties.PolicyDocument, context);
    return { ref, attributes: {} };
  },
  delete({ properties }, context: ResourceContext<Sqs>) {
    clearPolicy(properties.Queue, context);
  },
});

function setPolicy(queueUrl: string, policyDocument: JsonObject, context: ResourceContext<Sqs>): void {
  const input = { QueueUrl: queueUrl, Attributes: { Policy: JSON.stringify(policyDocument) } };
  context.service.setQueueAttributes(input, context.call);
}

function clearPolicy(queueUrl: string, context: ResourceContext<Sqs>): void {
  const input = { QueueUrl: queueUrl, Attributes: { Policy: '' } };
  unlessGone(() => context.service.setQueueAttributes(input, context.call), 'QueueDoesNotExist');
}
