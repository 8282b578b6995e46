import type { Sns } from '../sns';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import type { JsonObject } from '../../../cloudformation/provider/json';
import { document, emulated, list, replacing, required, text } from '../../../cloudformation/provider/shapes';

const policy = required(emulated(document));

/** A topic has one policy: a second TopicPolicy for the same topic replaces that of the first, as on AWS. */
export const snsTopicPolicy = define({
  type: 'AWS::SNS::TopicPolicy',
  properties: { PolicyDocument: policy, Topics: required(emulated(list(text))) },
  create(resource, context: ResourceContext<Sns>) {
    for (const topicArn of resource.properties.Topics) setPolicy(topicArn, resource.properties.PolicyDocument, context);
    const id = resource.name({ longest: 128 });
    return { ref: id, attributes: { Id: id } };
  },
  update({ ref, attributes, properties, previous }, context: ResourceContext<Sns>) {
    for (const topicArn of properties.Topics) setPolicy(topicArn, properties.PolicyDocument, context);
    for (const topicArn of previous.Topics) if (!properties.Topics.includes(topicArn)) clearPolicy(topicArn, context);
    return { ref, attributes };
  },
  delete({ properties }, context: ResourceContext<Sns>) {
    for (const topicArn of properties.Topics) clearPolicy(topicArn, context);
  },
});

export const snsTopicInlinePolicy = define({
  type: 'AWS::SNS::TopicInlinePolicy',
  properties: { PolicyDocument: policy, TopicArn: replacing(required(emulated(text))) },
  unique: { name: ({ properties }) => properties.TopicArn },
  create(resource, context: ResourceContext<Sns>) {
    setPolicy(resource.properties.TopicArn, resource.properties.PolicyDocument, context);
    return { ref: resource.properties.TopicArn, attributes: {} };
  },
  update({ ref, properties }, context: ResourceContext<Sns>) {
    setPolicy(properties.TopicArn, properties.PolicyDocument, context);
    return { ref, attributes: {} };
  },
  delete({ properties }, context: ResourceContext<Sns>) {
    clearPolicy(properties.TopicArn, context);
  },
});

function setPolicy(TopicArn: string, policyDocument: JsonObject, { service, call }: ResourceContext<Sns>): void {
  const AttributeValue = JSON.stringify(policyDocument);
  service.setTopicAttributes({ TopicArn, AttributeName: 'Policy', AttributeValue }, call);
}

/** Without a policy of its own, a topic has the one with which all topics begin. */
function clearPolicy(TopicArn: string, { service, call }: ResourceContext<Sns>): void {
  const clear = () => service.setTopicAttributes({ TopicArn, AttributeName: 'Policy', AttributeValue: '' }, call);
  unlessGone(clear, 'NotFoundException');
}
