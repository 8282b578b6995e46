import type { RuleState } from '@aws-sdk/client-eventbridge';
import type { Events } from '../events';
import {
  document,
  emulated,
  integer,
  list,
  mapOf,
  naming,
  record,
  replacing,
  required,
  text,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { NewResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import type { PropertyReport } from '../../../cloudformation/provider/report';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { tagChanges, tagList } from '../../../cloudformation/provider/tags';

const target = record({
  Arn: required(emulated(text)),
  DeadLetterConfig: emulated(record({ Arn: emulated(text) })),
  Id: required(emulated(text)),
  Input: emulated(text),
  InputPath: emulated(text),
  InputTransformer: emulated(record({ InputPathsMap: emulated(mapOf(text)), InputTemplate: required(emulated(text)) })),
  KinesisParameters: emulated(record({ PartitionKeyPath: required(emulated(text)) })),
  RetryPolicy: emulated(
    record({ MaximumEventAgeInSeconds: emulated(integer), MaximumRetryAttempts: emulated(integer) }),
  ),
  RoleArn: emulated(text),
  SqsParameters: emulated(record({ MessageGroupId: required(emulated(text)) })),
});

const properties = {
  Description: emulated(text),
  EventBusName: replacing(emulated(text)),
  EventPattern: emulated(document),
  Name: naming(emulated(text)),
  RoleArn: emulated(text),
  ScheduleExpression: emulated(text),
  State: emulated(text),
  Tags: emulated(tagList),
  Targets: emulated(list(target)),
};

/** A rule and its targets. */
export const eventsRule = define({
  type: 'AWS::Events::Rule',
  properties,
  create(resource, context: ResourceContext<Events>) {
    const name = nameOf(resource);
    const arn = put(name, resource.properties, context);
    context.service.setSystemTags(arn, resource.systemTags);
    const ref = refOf(name, resource.properties.EventBusName);
    return { ref, attributes: { Arn: arn }, review: reviewOf(resource.properties, context.service) };
  },
  update({ ref, attributes, properties: given, previous, ...resource }, context: ResourceContext<Events>) {
    const { service, call } = context;
    const Rule = nameOf({ ...resource, properties: given });
    const kept = new Set(given.Targets?.map(({ Id }) => Id));
    const gone = (previous.Targets ?? []).map(({ Id }) => Id).filter((id) => !kept.has(id));
    const ResourceARN = put(Rule, given, context, gone);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    service.untagResource({ ResourceARN, TagKeys: removed }, call);
    service.tagResource({ ResourceARN, Tags: Object.entries(added).map(([Key, Value]) => ({ Key, Value })) }, call);
    return { ref, attributes, review: reviewOf(given, service) };
  },
  delete({ ref, properties: { EventBusName } }, { service, call }: ResourceContext<Events>) {
    const Name = ref.slice(ref.indexOf('|') + 1);
    unlessGone(() => {
      const { Targets = [] } = service.listTargetsByRule({ Rule: Name, EventBusName }, call);
      const Ids = Targets.map(({ Id = '' }) => Id);
      if (Ids.length > 0) service.removeTargets({ Rule: Name, EventBusName, Ids }, call);
      service.deleteRule({ Name, EventBusName }, call);
    }, 'ResourceNotFoundException');
  },
});

/** Events for targets of services that are not emulated are dropped, or dead-lettered. */
function reviewOf({ Targets = [] }: Values<typeof properties>, service: Events): PropertyReport[] {
  return Targets.filter(({ Arn }) => !service.takesDeliveries(Arn)).map(({ Id, Arn }) => ({
    name: 'Targets',
    status: 'unsupported',
    note: `nothing is sent to the target ${Id}: ${Arn}`,
  }));
}

/** Puts the rule and its targets. Returns its ARN. */
function put(
  Name: string,
  given: Values<typeof properties>,
  { service, call }: ResourceContext<Events>,
  goneTargets: readonly string[] = [],
): string {
  const { EventBusName, EventPattern, Targets = [], State, ...settings } = given;
  const pattern = EventPattern && JSON.stringify(EventPattern);
  const { RuleArn = '' } = service.putRule(
    // The service checks the state's name.
    { ...settings, Name, EventBusName, EventPattern: pattern, State: State as RuleState | undefined },
    call,
  );
  if (goneTargets.length > 0) {
    service.removeTargets({ Rule: Name, EventBusName, Ids: [...goneTargets] }, call);
  }
  if (Targets.length > 0) service.putTargets({ Rule: Name, EventBusName, Targets }, call);
  return RuleArn;
}

/** The name of a rule of the default bus; of another, both names. */
function refOf(name: string, bus: string | undefined): string {
  const busName = bus?.slice(bus.indexOf('/') + 1);
  return busName === undefined || busName === 'default' ? name : `${busName}|${name}`;
}

function nameOf({
  properties: { Name },
  name,
}: Pick<NewResource<Values<typeof properties>>, 'properties' | 'name'>): string {
  return Name ?? name({ longest: 64 });
}
