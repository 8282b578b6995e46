import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch';
import { checkMetricRow, type Fields } from './dashboard-metrics';
import { dashboardInvalidInput } from '../errors';

type Fault = Required<DashboardValidationMessage>;

/** The errors and warnings of a dashboard body. */
interface Findings {
  readonly errors: Fault[];
  readonly warnings: Fault[];
}

/** The required properties of each type of widget. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  alarm: ['alarms'],
  custom: ['endpoint'],
  explorer: ['metrics'],
  log: ['query', 'region'],
  metric: ['region'],
  text: ['markdown'],
};

const BODY_FIELDS = ['start', 'end', 'periodOverride', 'variables', 'widgets'];
const WIDGET_FIELDS = ['type', 'x', 'y', 'width', 'height', 'properties'];
const MOST_WIDGETS = 500;
const MOST_ALARMS = 100;
const MOST_METRICS = 500;

/**
 * Validates a dashboard body, and returns its warnings.
 * @throws AwsError with all errors, if there are any
 */
export function checkDashboardBody(text: string): DashboardValidationMessage[] {
  const body = parsed(text);
  if (!isObject(body)) throw dashboardInvalidInput('The field DashboardBody must be a valid JSON object');
  const findings: Findings = { errors: [], warnings: [] };
  const say = speaker(findings.errors);
  for (const name of unknownFields(body, BODY_FIELDS)) {
    speaker(findings.warnings)(
      `/${name}`,
      `The "${name}" property is not expected to be part of a dashboard definition, will be ignored`,
    );
  }
  if (body.periodOverride !== undefined && !['auto', 'inherit'].includes(body.periodOverride as string))
    say('/periodOverride', 'Should be equal to one of the allowed values');
  const { widgets } = body;
  if (widgets === undefined) say('', "Should have required property 'widgets'");
  else if (!Array.isArray(widgets)) say('/widgets', 'Should be array');
  else {
    if (widgets.length > MOST_WIDGETS) say('/widgets', `Should NOT have more than ${MOST_WIDGETS} items`);
    for (const [index, widget] of widgets.entries()) checkWidget(widget, `/widgets/${index}`, findings);
  }
  if (findings.errors.length > 0) throw invalidBody(findings.errors);
  return findings.warnings;
}

function checkWidget(widget: unknown, path: string, { errors, warnings }: Findings): void {
  const say = speaker(errors);
  if (!isObject(widget)) return say(path, 'Should be object');
  for (const name of unknownFields(widget, WIDGET_FIELDS)) {
    speaker(warnings)(
      `${path}/${name}`,
      `The "${name}" property is not expected to be part of a widget definition, will be ignored`,
    );
  }
  checkPlace(widget, path, say);
  const { type, properties } = widget;
  if (type === undefined) say(path, "Should have required property 'type'");
  else if (typeof type !== 'string' || !Object.hasOwn(REQUIRED, type))
    return say(`${path}/type`, 'Should be equal to one of the allowed values');
  if (properties === undefined) return say(path, "Should have required property 'properties'");
  if (!isObject(properties)) return say(`${path}/properties`, 'Should be object');
  const at = `${path}/properties`;
  for (const name of REQUIRED[String(type)] ?? []) {
    if (properties[name] === undefined) say(at, `Should have required property '${name}'`);
  }
  if (type === 'metric') checkGraph(properties, at, say);
  if (type === 'alarm') checkList(properties.alarms, `${at}/alarms`, MOST_ALARMS, say);
}

function checkPlace(widget: Fields, path: string, say: Speaker): void {
  const limits = { x: [0, 23], y: [0, Infinity], width: [1, 24], height: [1, 1_000] } as const;
  for (const [name, [least, most]] of Object.entries(limits)) {
    const value = widget[name];
    if (value === undefined) continue;
    if (!Number.isInteger(value)) say(`${path}/${name}`, 'Should be integer');
    else if ((value as number) < least) say(`${path}/${name}`, `Should be >= ${least}`);
    else if ((value as number) > most) say(`${path}/${name}`, `Should be <= ${most}`);
  }
  // Without x and y a widget is placed automatically; with only one of them it is invalid.
  for (const [one, other] of [
    ['x', 'y'],
    ['y', 'x'],
  ]) {
    if (widget[one] !== undefined && widget[other] === undefined)
      say(path, `Should have property ${other} when property ${one} is present`);
  }
}

function checkGraph(properties: Fields, path: string, say: Speaker): void {
  const { metrics, annotations } = properties;
  if (metrics === undefined && annotations === undefined) return say(path, "Should have required property 'metrics'");
  if (metrics === undefined || !checkList(metrics, `${path}/metrics`, MOST_METRICS, say)) return;
  let previous: readonly unknown[] = [];
  for (const [index, row] of metrics.entries())
    previous = checkMetricRow(row, previous, `${path}/metrics/${index}`, say);
}

function checkList(list: unknown, path: string, most: number, say: Speaker): list is unknown[] {
  if (list === undefined) return false;
  if (!Array.isArray(list)) {
    say(path, 'Should be array');
    return false;
  }
  if (list.length === 0) say(path, 'Should NOT have fewer than 1 items');
  if (list.length > most) say(path, `Should NOT have more than ${most} items`);
  return true;
}

export type Speaker = (path: string, message: string) => void;

function speaker(faults: Fault[]): Speaker {
  return (DataPath, Message) => void faults.push({ DataPath, Message });
}

function invalidBody(errors: readonly Fault[]): Error {
  const list = errors.map(({ DataPath, Message }) => ({ dataPath: DataPath, message: Message }));
  const count = `there ${errors.length === 1 ? 'is 1 validation error' : `are ${errors.length} validation errors`}`;
  const message = `The dashboard body is invalid, ${count}:\n${JSON.stringify(list, null, 2)}`;
  return dashboardInvalidInput(message, errors);
}

function unknownFields(object: Fields, known: readonly string[]): string[] {
  return Object.keys(object).filter((name) => !known.includes(name));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
