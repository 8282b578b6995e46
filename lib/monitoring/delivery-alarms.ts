import { type Alarm, type IAlarm, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { checkProps, enforce, like, list, oneOf, required, type Rule, type Shape } from '../rules';
import {
  ALARM,
  type AlarmDefinition,
  AlarmFactory,
  NOTIFICATION_RULES,
  NOTIFICATIONS,
  propertyOf,
  type WrongNumber,
  wrongNumber,
} from './alarm-factory';
import { type AlarmNotificationProps, type AlarmOverrides, AlarmSeverity } from './alarm-options';
import { type DeliverySource } from './delivery-source';

/** The alarms of deliveries, by name. */
export enum DeliveryAlarm {
  /** Deliveries fail: some may succeed later. */
  DELIVERY_FAILED = 'DeliveryFailed',
  /** Deliveries were given up, and are in a dead-letter queue. */
  DELIVERY_DEAD_LETTERED = 'DeliveryDeadLettered',
  /** Deliveries were given up and are gone: there is no dead-letter queue, or it can't be written to. */
  DELIVERY_LOST = 'DeliveryLost',
}

/** Properties of DeliveryAlarms. */
export interface DeliveryAlarmsProps extends AlarmNotificationProps {
  /** What delivers. */
  readonly source: DeliverySource;

  /**
   * The alarms to leave out.
   *
   * @default - none
   */
  readonly disabled?: DeliveryAlarm[];

  /**
   * Changes DeliveryFailed; its unit is failures.
   *
   * @default - 1 failure in 5 minutes, in 3 of 3 periods; a warning
   */
  readonly deliveryFailed?: AlarmOverrides;

  /**
   * Changes DeliveryDeadLettered; its unit is messages or events.
   *
   * @default - 1 in 5 minutes; a warning
   */
  readonly deliveryDeadLettered?: AlarmOverrides;

  /**
   * Changes DeliveryLost; its unit is messages or events.
   *
   * @default - 1 in 5 minutes; critical
   */
  readonly deliveryLost?: AlarmOverrides;
}

const PROPS: Shape<DeliveryAlarmsProps> = {
  source: required(like('a DeliverySource, such as DeliverySource.rule(rule)', '_failed')),
  ...NOTIFICATIONS,
  disabled: list(oneOf('DeliveryAlarm', DeliveryAlarm)),
  deliveryFailed: ALARM,
  deliveryDeadLettered: ALARM,
  deliveryLost: ALARM,
};

const RULES: readonly Rule<DeliveryAlarmsProps>[] = [
  {
    id: 'Spillway-DeliveryAlarms-AlarmAbsent',
    broken: ({ source, deliveryDeadLettered }) => deliveryDeadLettered !== undefined && !source._countsDeadLetters,
    message: ({ source }) =>
      `deliveryDeadLettered must not be given for ${source._name}; Lambda does not count what it puts into dead-letter queues and destinations`,
  },
];

const PERIOD = Duration.minutes(5);

/**
 * Alarms on what a service could not deliver: a missing permission or a deleted queue is silent otherwise. Each can be
 * changed and left out by name.
 *
 * @example
 * new DeliveryAlarms(this, 'Alarms', { source: DeliverySource.rule(rule), topic: onCall });
 */
export class DeliveryAlarms extends Construct {
  /** The alarms, those left out not included. */
  public readonly alarms: IAlarm[];

  private readonly byName = new Map<DeliveryAlarm, Alarm>();

  constructor(scope: Construct, id: string, props: DeliveryAlarmsProps) {
    super(scope, id);
    checkProps(this, 'DeliveryAlarms', props, PROPS);
    enforce(this, props, RULES);
    enforce(this, { ...props, wrong: wrong(props) }, NOTIFICATION_RULES);
    const factory = new AlarmFactory(this, props);
    for (const [name, definition] of definitions(props.source)) {
      if (props.disabled?.includes(name) === true) continue;
      this.byName.set(name, factory.create(name, definition, props[propertyOf(name)]));
    }
    this.alarms = [...this.byName.values()];
  }

  /** The alarm of that name; undefined if it was left out, or the service doesn't count this. */
  public alarm(name: DeliveryAlarm): Alarm | undefined {
    return this.byName.get(name);
  }
}

function* definitions(source: DeliverySource): Iterable<readonly [DeliveryAlarm, AlarmDefinition]> {
  const { _name: name } = source;
  const capitalized = name[0].toUpperCase() + name.slice(1);
  const counted = (metric: (period: Duration) => IMetric) => ({ metric, threshold: 1, period: PERIOD });
  yield [
    DeliveryAlarm.DELIVERY_FAILED,
    {
      ...counted((period) => source._failed(period)),
      periods: 3,
      severity: AlarmSeverity.WARNING,
      description: `${capitalized} fail: ${source._hint}`,
    },
  ];
  if (source._countsDeadLetters) {
    yield [
      DeliveryAlarm.DELIVERY_DEAD_LETTERED,
      {
        ...counted((period) => source._deadLettered(period)),
        periods: 1,
        severity: AlarmSeverity.WARNING,
        description: `${capitalized} were given up: a dead-letter queue has them, with the reason`,
      },
    ];
  }
  yield [
    DeliveryAlarm.DELIVERY_LOST,
    {
      ...counted((period) => source._lost(period)),
      periods: 1,
      severity: AlarmSeverity.CRITICAL,
      description: `${capitalized} are lost: there is no dead-letter queue, or its policy lets nothing in`,
    },
  ];
}

function wrong(props: DeliveryAlarmsProps): WrongNumber | undefined {
  for (const alarm of Object.values(DeliveryAlarm)) {
    const property = propertyOf(alarm);
    const found = wrongNumber(property, props[property]);
    if (found !== undefined) return found;
  }
  return undefined;
}
