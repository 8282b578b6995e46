import type { BusEvent } from '../bus-event';
import { type InputTemplate, parseTemplate, render } from './input-template';
import { type JsonPath, parseJsonPath, valueAt } from './json-path';
import type { Target } from '@aws-sdk/client-eventbridge';

/** Makes what a target gets of an event; undefined if EventBridge can send nothing. */
export type InputMaker = (event: BusEvent, rule: { readonly name: string; readonly arn: string }) => string | undefined;

/** The variables that every template has. */
export const PREDEFINED: ReadonlySet<string> = new Set([
  'aws.events.rule-arn',
  'aws.events.rule-name',
  'aws.events.event.ingestion-time',
  'aws.events.event',
  'aws.events.event.json',
]);

/** Compiles a target's Input, InputPath or InputTransformer. Without one, it gets the event. */
export function inputMaker({ Input, InputPath, InputTransformer }: Target): InputMaker {
  if (Input !== undefined) return () => Input;
  if (InputTransformer !== undefined) {
    const { InputPathsMap = {}, InputTemplate = '' } = InputTransformer;
    return transformer(InputPathsMap, parseTemplate(InputTemplate));
  }
  if (InputPath === undefined || InputPath === '$') return ({ text }) => text;
  const path = parseJsonPath(InputPath);
  return ({ fields }) => {
    const value = valueAt(path, fields);
    return value === undefined ? undefined : JSON.stringify(value);
  };
}

function transformer(paths: Readonly<Record<string, string>>, template: InputTemplate): InputMaker {
  const compiled = new Map<string, JsonPath | undefined>();
  for (const [name, path] of Object.entries(paths)) compiled.set(name, parseJsonPath(path));
  return (event, rule) =>
    render(template, (variable) =>
      PREDEFINED.has(variable) ? predefined(variable, event, rule) : valueAt(compiled.get(variable), event.fields),
    );
}

function predefined(variable: string, event: BusEvent, rule: { readonly name: string; readonly arn: string }): unknown {
  switch (variable) {
    case 'aws.events.rule-arn':
      return rule.arn;
    case 'aws.events.rule-name':
      return rule.name;
    case 'aws.events.event.ingestion-time':
      return new Date(event.ingestedAt).toISOString();
    case 'aws.events.event': {
      // Without its detail, and with another spelling of one name: so it is recorded.
      const { id, account, 'detail-type': detailType, time, source, region, resources, version } = event.fields;
      return { id, account, detailType, time, source, region, resources, version };
    }
    default:
      return event.fields;
  }
}

/** Compiles a MessageGroupId or PartitionKeyPath: a constant, or a path to a value of the event. */
export function idMaker(text: string): (event: BusEvent) => string | undefined {
  if (!text.startsWith('$')) return () => text;
  const path = parseJsonPath(text);
  return ({ fields }) => {
    const value = valueAt(path, fields);
    if (value === undefined) return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
}
