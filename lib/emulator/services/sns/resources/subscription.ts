import type { Sns } from '../sns';
import type { ChangedResource, NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import type { PropertyReport } from '../../../cloudformation/provider/report';
import {
  document,
  emulated,
  flag,
  inert,
  replacing,
  required,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';

const properties = {
  DeliveryPolicy: emulated(document, 'of HTTP endpoints'),
  Endpoint: replacing(required(emulated(text, 'queues, functions, and HTTP endpoints on this machine'))),
  FilterPolicy: emulated(document),
  FilterPolicyScope: emulated(text),
  Protocol: replacing(required(emulated(text))),
  RawMessageDelivery: emulated(flag),
  RedrivePolicy: emulated(document),
  Region: emulated(text),
  ReplayPolicy: unsupported('messages are not archived and cannot be replayed'),
  SubscriptionRoleArn: inert(text, 'of Firehose, which is not emulated'),
  TopicArn: replacing(required(emulated(text))),
};

type Given = Values<typeof properties>;

/** The attributes of a subscription, as an update sets them: in an order in which each is valid by itself. */
const ATTRIBUTES = [
  'FilterPolicyScope',
  'FilterPolicy',
  'RawMessageDelivery',
  'RedrivePolicy',
  'DeliveryPolicy',
] as const;

/** The values of attributes that an update removes from the template. */
const DEFAULTS: Readonly<Record<(typeof ATTRIBUTES)[number], string>> = {
  DeliveryPolicy: '',
  FilterPolicy: '{}',
  FilterPolicyScope: 'MessageAttributes',
  RawMessageDelivery: 'false',
  RedrivePolicy: '',
};

/** Protocols whose endpoints are outside the emulator. */
const ABSENT: readonly string[] = ['application', 'firehose', 'sms'];

/** A subscription. One that nobody here can confirm stays pending. */
export const snsSubscription = define({
  type: 'AWS::SNS::Subscription',
  properties,
  refusal: ({ Protocol: protocol }) =>
    typeof protocol === 'string' && ABSENT.includes(protocol)
      ? `subscriptions of the protocol ${protocol} are not emulated`
      : undefined,
  create(resource, context: ResourceContext<Sns>) {
    const { TopicArn, Protocol, Endpoint } = resource.properties;
    const { SubscriptionArn = '' } = serviceOf(resource, context).subscribe(
      { TopicArn, Protocol, Endpoint, Attributes: attributesOf(resource.properties), ReturnSubscriptionArn: true },
      context.call,
    );
    return { ref: SubscriptionArn, attributes: { Arn: SubscriptionArn }, review: reviewOf(resource.properties) };
  },
  update(resource, context: ResourceContext<Sns>) {
    const { ref, attributes, properties: given, previous } = resource;
    const service = serviceOf(resource, context);
    const [before, after] = [attributesOf(previous), attributesOf(given)];
    // A filter of the old scope may be invalid in the new one.
    const scopeChanges = before.FilterPolicyScope !== after.FilterPolicyScope && before.FilterPolicy !== undefined;
    const set = (AttributeName: string, AttributeValue: string) =>
      service.setSubscriptionAttributes({ SubscriptionArn: ref, AttributeName, AttributeValue }, context.call);
    if (scopeChanges) set('FilterPolicy', DEFAULTS.FilterPolicy);
    for (const name of ATTRIBUTES) {
      const same = before[name] === after[name];
      if (!same || (name === 'FilterPolicy' && scopeChanges)) set(name, after[name] ?? DEFAULTS[name]);
    }
    return { ref, attributes, review: reviewOf(given) };
  },
  delete({ ref: SubscriptionArn, properties: given }, context: ResourceContext<Sns>) {
    const service = given.Region === undefined ? context.service : context.inRegion(given.Region);
    unlessGone(() => service.unsubscribe({ SubscriptionArn }, context.call), 'NotFoundException');
  },
});

/** SNS in the topic's Region. */
function serviceOf(
  { properties: { Region } }: NewResource<Given> | ChangedResource<Given>,
  context: ResourceContext<Sns>,
): Sns {
  return Region === undefined || Region === context.region ? context.service : context.inRegion(Region);
}

function attributesOf(given: Given): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const name of ATTRIBUTES) {
    const value = given[name];
    if (value !== undefined) attributes[name] = typeof value === 'object' ? JSON.stringify(value) : String(value);
  }
  return attributes;
}

function reviewOf({ Protocol, Endpoint }: Given): PropertyReport[] {
  if (!Protocol.startsWith('email')) return [];
  return [
    { name: 'Endpoint', status: 'inert', note: `nobody reads mail to ${Endpoint}: the subscription stays pending` },
  ];
}
