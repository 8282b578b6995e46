import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type Duration } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import {
  computed,
  duration,
  FLAG,
  known,
  knownSeconds,
  like,
  list,
  NUMBER,
  oneOf,
  type Rule,
  type Shape,
  struct,
  TEXT,
  TOPIC,
} from '../rules';
import { type AlarmNotificationProps, type AlarmOverrides, AlarmSeverity } from './alarm-options';
import { AlarmTopic } from './alarm-topic';

const RUNBOOK = 'https://github.com/spillway/cdk-spillway/blob/main/docs/guides/runbook.md';
/** That CloudWatch takes for a state of an alarm. */
export const MOST_ACTIONS = 5;

const OVERRIDES: Shape<AlarmOverrides> = {
  threshold: NUMBER,
  period: computed(duration('Duration.minutes(5)')),
  evaluationPeriods: NUMBER,
  datapointsToAlarm: NUMBER,
  treatMissingData: oneOf('TreatMissingData', TreatMissingData),
  severity: oneOf('AlarmSeverity', AlarmSeverity),
  alarmName: TEXT,
  alarmDescription: TEXT,
  actionsEnabled: FLAG,
};

/** The type of a property that changes an alarm. */
export const ALARM = struct(OVERRIDES, 'an object of alarm options, such as { threshold: 10 }');

/** The types of the properties that say whom alarms notify. */
export const NOTIFICATIONS: Shape<AlarmNotificationProps> = {
  topic: TOPIC,
  criticalTopic: TOPIC,
  actions: list(like('an alarm action, such as new SnsAction(topic)', 'bind')),
  notifyOk: computed(FLAG),
  runbookUrl: TEXT,
};

/** An alarm as it is without overrides. */
export interface AlarmDefinition {
  /** What it looks at, by the length of the periods. */
  readonly metric: (period: Duration) => IMetric;
  /** From which value on it goes off. */
  readonly threshold: number;
  /** How long the periods are. */
  readonly period: Duration;
  /** Over how many periods it looks, in all of which the threshold must be reached. */
  readonly periods: number;
  /** Whether it goes off below the threshold: on silence, which is also what missing data says. */
  readonly onSilence?: true;
  /** How soon somebody has to look at it. */
  readonly severity: AlarmSeverity;
  /** What has happened, without a full stop. */
  readonly description: string;
}

/** Creates the alarms of a construct, and has them notify whom they should. */
export class AlarmFactory {
  private readonly topics: Readonly<Record<AlarmSeverity, AlarmTopic | undefined>>;

  constructor(
    private readonly scope: Construct,
    private readonly props: AlarmNotificationProps,
  ) {
    const { topic, criticalTopic } = props;
    const warning = topic && new AlarmTopic(scope, topic);
    const critical = criticalTopic === undefined ? warning : new AlarmTopic(scope, criticalTopic);
    this.topics = { [AlarmSeverity.WARNING]: warning, [AlarmSeverity.CRITICAL]: critical };
  }

  /**
   * @param name the heading of the runbook
   * @param id the construct's id, if it isn't the name
   */
  public create(name: string, definition: AlarmDefinition, overrides: AlarmOverrides = {}, id = name): Alarm {
    const { onSilence, description } = definition;
    const { actions = [], notifyOk = true, runbookUrl = RUNBOOK } = this.props;
    const severity = overrides.severity ?? definition.severity;
    const alarm = new Alarm(this.scope, id, {
      metric: definition.metric(overrides.period ?? definition.period),
      comparisonOperator: onSilence
        ? ComparisonOperator.LESS_THAN_THRESHOLD
        : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      threshold: overrides.threshold ?? definition.threshold,
      evaluationPeriods: overrides.evaluationPeriods ?? definition.periods,
      datapointsToAlarm: overrides.datapointsToAlarm,
      treatMissingData:
        overrides.treatMissingData ?? (onSilence ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING),
      alarmName: overrides.alarmName,
      alarmDescription:
        overrides.alarmDescription ??
        `${severity}: ${sentence(description)} Runbook: ${runbookUrl}#${name.toLowerCase()}`,
      actionsEnabled: overrides.actionsEnabled,
    });
    const topic = this.topics[severity];
    if (topic !== undefined) alarm.addAlarmAction(topic);
    if (topic !== undefined && notifyOk) alarm.addOkAction(topic);
    alarm.addAlarmAction(...actions);
    return alarm;
  }
}

function sentence(text: string): string {
  return text.endsWith('?') ? text : `${text}.`;
}

/** A property with a number that CloudWatch refuses. */
export interface WrongNumber {
  /** `ageOfOldestMessage.threshold`. */
  readonly property: string;
  /** Its value, in words. */
  readonly got: string;
  /** What it must be, in words that follow "must be". */
  readonly allowed: string;
}

/** What is wrong with the numbers of an alarm's overrides; undefined if nothing is. */
export function wrongNumber(property: string, overrides: AlarmOverrides | undefined): WrongNumber | undefined {
  const periods = known(overrides?.evaluationPeriods);
  const seconds = knownSeconds(overrides?.period);
  const points = known(overrides?.datapointsToAlarm);
  const threshold = known(overrides?.threshold);
  if (threshold !== undefined && !(threshold > 0)) {
    return { property: `${property}.threshold`, got: String(threshold), allowed: 'a number above 0' };
  }
  if (seconds !== undefined && (seconds % 60 !== 0 || seconds === 0)) {
    return { property: `${property}.period`, got: `${seconds} seconds`, allowed: 'in whole minutes' };
  }
  if (periods !== undefined && !(Number.isInteger(periods) && periods > 0)) {
    return { property: `${property}.evaluationPeriods`, got: String(periods), allowed: 'a whole number from 1' };
  }
  if (points !== undefined && !(Number.isInteger(points) && points > 0 && points <= (periods ?? points))) {
    return {
      property: `${property}.datapointsToAlarm`,
      got: String(points),
      allowed: 'a whole number from 1 to evaluationPeriods',
    };
  }
  return undefined;
}

/** What the rules of all constructs with alarms follow from. */
export interface AlarmFacts extends AlarmNotificationProps {
  /** A changed alarm with a bad number. */
  readonly wrong?: WrongNumber;
}

/** What must hold of streams' and deliveries' alarms alike. */
export const NOTIFICATION_RULES: readonly Rule<AlarmFacts>[] = [
  {
    id: 'Spillway-Alarms-TooManyActions',
    broken: (facts) => actionCount(facts) > MOST_ACTIONS,
    message: (facts) =>
      `actions must have at most ${MOST_ACTIONS} items, topic included, but had ${actionCount(facts)}; CloudWatch rejects more`,
  },
  {
    id: 'Spillway-Alarms-NumberInvalid',
    broken: ({ wrong }) => wrong !== undefined,
    message: ({ wrong }) =>
      `${wrong?.property} must be ${wrong?.allowed}, but was ${wrong?.got}; CloudWatch rejects other values, or the alarm would never change state`,
  },
];

/** How many actions an alarm has. */
export function actionCount({ topic, criticalTopic, actions = [] }: AlarmNotificationProps): number {
  return actions.length + (topic === undefined && criticalTopic === undefined ? 0 : 1);
}

/** The property that changes the alarm of this name. */
export function propertyOf<Name extends string>(alarm: Name): Uncapitalize<Name> {
  return `${alarm[0].toLowerCase()}${alarm.slice(1)}` as Uncapitalize<Name>;
}
