import type { PropertyReport, ResourceReport, StackReport, Status } from './provider/report';

/**
 * A stack's report as lines of text: the counts; the resources that the emulator acts on; those that it only keeps,
 * one line per type; and, marked with `!`, all that it does not support.
 */
export function formatReport(report: StackReport, options: FormatReportOptions = {}): string {
  const nested = report.nested.map((stack) => formatReport(stack, options));
  return [...(options.verbose ? allLines(report) : lines(report)), ...nested].join('\n');
}

/** How a report is formatted. */
export interface FormatReportOptions {
  /** Whether to list each resource and its properties. @default false */
  readonly verbose?: boolean;
}

function allLines(report: StackReport): string[] {
  return [
    lines(report)[0],
    ...report.resources.flatMap((resource) => [
      `  ${resource.type}  ${nameOf(resource)}: ${resource.status}${because(resource)}`,
      ...resource.properties.map((property) => `      ${property.name}: ${property.status}${because(property)}`),
    ]),
  ];
}

function lines(report: StackReport): string[] {
  const { resources } = report;
  const of = (status: Status): ResourceReport[] => resources.filter((resource) => resource.status === status);
  const [emulated, inert, unsupported] = [of('emulated'), of('inert'), of('unsupported')];
  const width = Math.max(0, ...emulated.map(({ type }) => type.length));
  return [
    `${report.stackName}: ${emulated.length} emulated, ${inert.length} inert, ${unsupported.length} unsupported`,
    ...emulated.map((resource) => `    ${resource.type.padEnd(width)}  ${nameOf(resource)}`),
    ...[...countByType(inert)].map(([type, count]) => `  - ${type}${count > 1 ? ` x${count}` : ''} (inert)`),
    ...unsupportedLines(resources),
  ];
}

/** The unsupported parts of these resources: whole resources first. */
export function unsupportedLines(resources: readonly ResourceReport[]): string[] {
  const unsupported = resources.filter(({ status }) => status === 'unsupported');
  return [
    ...unsupported.map((resource) => `  ! ${resource.type}  ${nameOf(resource)} is not supported${because(resource)}`),
    ...resources.flatMap(unsupportedProperties),
  ];
}

function unsupportedProperties(resource: ResourceReport): string[] {
  if (resource.status === 'unsupported') return [];
  const unsupported = resource.properties.filter(({ status }) => status === 'unsupported');
  if (unsupported.length === 0) return [];
  const names = unsupported.map((property: PropertyReport) => `${property.name}${because(property)}`);
  return [`  ! ${resource.type}  ${nameOf(resource)} has unsupported properties: ${names.join(', ')}`];
}

function because({ note }: { note?: string }): string {
  return note === undefined ? '' : ` (${note})`;
}

/** The construct's path, if the CDK noted one; otherwise the logical id. */
export function nameOf({ path, logicalId }: Pick<ResourceReport, 'path' | 'logicalId'>): string {
  return path?.replace(/\/(Resource|Default)$/, '') ?? logicalId;
}

function countByType(resources: readonly ResourceReport[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of resources) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
