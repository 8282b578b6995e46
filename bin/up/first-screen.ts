import { DisplayNames, type ResourceReport, type StackReport } from '../../lib/emulator';

/** What {@link firstScreen} shows. */
export interface Running {
  readonly endpoint: string;
  readonly speed: number;
  readonly reports: readonly StackReport[];
}

/** How many lines of a kind a stack gets: the screen is one. */
const MOST = 8;

/** What `up` prints once it serves: the endpoint, and of each stack its place, outputs, queues and what is missing. */
export function firstScreen({ endpoint, speed, reports }: Running): string {
  const names = new DisplayNames(reports);
  return [
    ...reports.flatMap((stack) => stackLines(stack, names)),
    `Serving on ${endpoint}${speed === 1 ? '' : ` at ${speed} times real time`}`,
    'To point SDKs and the AWS CLI at it, in another shell: eval "$(npx spillway env)"',
    'Press Ctrl-C to stop.',
  ].join('\n');
}

function stackLines(stack: StackReport, names: DisplayNames): string[] {
  const { stackName, account, region, outputs, nested } = stack;
  const queues = stack.resources
    .filter(({ type, status }) => type === 'AWS::SQS::Queue' && status === 'emulated')
    .map((queue) => [labelOf(queue, names), queue.physicalId] as const);
  return [
    `${stackName} (account ${account}, ${region})`,
    ...section('Outputs', Object.entries(outputs)),
    ...section('Queues', queues),
    ...notEmulated(stack, names),
    '',
    ...nested.flatMap((each) => stackLines(each, names)),
  ];
}

function section(title: string, rows: readonly (readonly [name: string, value: string])[]): string[] {
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MOST);
  const width = Math.max(...shown.map(([name]) => name.length));
  const rest = rows.length - shown.length;
  return [
    `  ${title}:`,
    ...shown.map(([name, value]) => `    ${name.padEnd(width)}  ${value}`),
    ...(rest > 0 ? [`    and ${rest} more`] : []),
  ];
}

/** One line for types, one for properties of resources that are emulated. */
function notEmulated({ resources }: StackReport, names: DisplayNames): string[] {
  const types = new Map<string, number>();
  for (const { type, status } of resources) {
    if (status === 'unsupported') types.set(type, (types.get(type) ?? 0) + 1);
  }
  const properties = resources.flatMap((resource) =>
    resource.status === 'unsupported'
      ? []
      : resource.properties
          .filter(({ status }) => status === 'unsupported')
          .map(({ name }) => `${labelOf(resource, names)}.${name}`),
  );
  const missing = [...types].map(([type, count]) => (count === 1 ? type : `${type} x${count}`));
  return [
    ...(missing.length === 0 ? [] : [`  Not emulated: ${short(missing)}`]),
    ...(properties.length === 0 ? [] : [`  Ignored properties: ${short(properties)}`]),
    ...(missing.length + properties.length === 0 ? [] : ['  (--report says more)']),
  ];
}

/** A construct's path; without one, the logical id, as the author of a template knows it. */
function labelOf(resource: ResourceReport, names: DisplayNames): string {
  return resource.path === undefined ? resource.logicalId : names.labelOf(resource);
}

function short(names: readonly string[]): string {
  const rest = names.length - MOST;
  return names.slice(0, MOST).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
