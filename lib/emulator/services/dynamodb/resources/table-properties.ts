import type { KeySchemaElement, AttributeDefinition, Projection } from '@aws-sdk/client-dynamodb';
import {
  anything,
  emulated,
  flag,
  inert,
  integer,
  list,
  record,
  required,
  text,
} from '../../../cloudformation/provider/shapes';

export const attributeDefinitions = list(
  record({ AttributeName: required(emulated(text)), AttributeType: required(emulated(text)) }),
);

export const keySchema = list(record({ AttributeName: required(emulated(text)), KeyType: required(emulated(text)) }));

export const projection = record({ ProjectionType: emulated(text), NonKeyAttributes: emulated(list(text)) });

export const localIndexes = list(
  record({
    IndexName: required(emulated(text)),
    KeySchema: required(emulated(keySchema)),
    Projection: required(emulated(projection)),
  }),
);

export const timeToLive = record({ AttributeName: emulated(text), Enabled: required(emulated(flag)) });

export const recovery = record({
  PointInTimeRecoveryEnabled: emulated(flag, 'the setting is kept; nothing can be restored'),
  RecoveryPeriodInDays: emulated(integer),
});

export const contributorInsights = inert(
  record({ Enabled: inert(flag), Mode: inert(text) }),
  'contributor insights are not emulated',
);

export const warmThroughput = inert(
  record({ ReadUnitsPerSecond: inert(integer), WriteUnitsPerSecond: inert(integer) }),
  'tables need no warming here',
);

export const resourcePolicy = inert(
  record({ PolicyDocument: inert(anything) }),
  'policies of tables are not evaluated',
);

export const onDemandThroughput = record({
  MaxReadRequestUnits: emulated(integer),
  MaxWriteRequestUnits: emulated(integer),
});

// The service checks these names against the model's; the SDK's types only have those that the model knows.

export function keySchemaFrom(elements: readonly { readonly AttributeName: string; readonly KeyType: string }[]) {
  return elements as KeySchemaElement[];
}

export function definitionsFrom(
  definitions: readonly { readonly AttributeName: string; readonly AttributeType: string }[] = [],
) {
  return definitions as AttributeDefinition[];
}

export function projectionFrom(given: {
  readonly ProjectionType?: string;
  readonly NonKeyAttributes?: readonly string[];
}): Projection {
  return given as Projection;
}
