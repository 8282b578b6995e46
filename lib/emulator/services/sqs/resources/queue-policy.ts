import type { DeploymentContext } from '../../../cloudformation/provider/deployment-context';
import type { JsonObject } from '../../../cloudformation/provider/json';
import { document, emulated, list, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const policy = required(emulated(document));

/** A queue has one policy: a second QueuePolicy for the same queue replaces the first one's, as on AWS. */
export const sqsQueuePolicy = define({
  type: 'AWS::SQS::QueuePolicy',
  properties: { PolicyDocument: policy, Queues: required(emulated(list(text))) },
  create(resource, cloud) {
    for (const queueUrl of resource.properties.Queues) setPolicy(queueUrl, resource.properties.PolicyDocument, cloud);
    const id = resource.name({ longest: 128 });
    return { ref: id, attributes: { Id: id } };
  },
  update({ ref, attributes, properties, previous }, cloud) {
    for (const queueUrl of properties.Queues) setPolicy(queueUrl, properties.PolicyDocument, cloud);
    for (const queueUrl of previous.Queues) {
      if (!properties.Queues.includes(queueUrl)) clearPolicy(queueUrl, cloud);
    }
    return { ref, attributes };
  },
  delete({ properties }, cloud) {
    for (const queueUrl of properties.Queues) clearPolicy(queueUrl, cloud);
  },
});

export const sqsQueueInlinePolicy = define({
  type: 'AWS::SQS::QueueInlinePolicy',
  properties: { PolicyDocument: policy, Queue: replacing(required(emulated(text))) },
  unique: { name: ({ properties }) => properties.Queue },
  create(resource, cloud) {
    setPolicy(resource.properties.Queue, resource.properties.PolicyDocument, cloud);
    return { ref: resource.properties.Queue, attributes: {} };
  },
  update({ ref, properties }, cloud) {
    setPolicy(properties.Queue, properties.PolicyDocument, cloud);
    return { ref, attributes: {} };
  },
  delete({ properties }, cloud) {
    clearPolicy(properties.Queue, cloud);
  },
});

function setPolicy(queueUrl: string, policyDocument: JsonObject, cloud: DeploymentContext): void {
  const input = { QueueUrl: queueUrl, Attributes: { Policy: JSON.stringify(policyDocument) } };
  cloud.sqs.setQueueAttributes(input, cloud.call);
}

function clearPolicy(queueUrl: string, cloud: DeploymentContext): void {
  const input = { QueueUrl: queueUrl, Attributes: { Policy: '' } };
  unlessGone(() => cloud.sqs.setQueueAttributes(input, cloud.call), 'QueueDoesNotExist');
}
