import { NormalizedSchema } from '@smithy/core/schema';
import { AwsError, type RequestContext } from '../core';
import { accessOf, byIdentity } from '../core/policy';
import { methodOf, Operation } from '../protocol';
import { MalformedInput } from '../protocol/malformed-input';
import { definitionOf, type ServiceName } from '../services';
import type { UniversalTargets } from '../services/scheduler';
import type { IntegratedRegion } from './index';

/** Services whose names in the ARNs of universal targets are not those of their actions in policies. */
const NAMES: Readonly<Record<string, string>> = { cloudwatchlogs: 'logs', eventbridge: 'events' };

/** Actions for which the service itself looks at identity policies, with those of the resource. */
const DECIDED_BY_SERVICE = /^(?:(?:sqs|sns|kms):(?!create)|events:putEvents$|lambda:invoke$)/;

type Method = (input: object, context: RequestContext) => unknown;

/** The actions of all services of an account and Region, as schedules call them: with the request as JSON. */
export class ServiceActions implements UniversalTargets {
  private readonly operations = new Map<string, Operation | undefined>();

  constructor(private readonly place: IntegratedRegion) {}

  public has(service: string, action: string): boolean {
    return this.find(service, action) !== undefined;
  }

  public call(service: string, action: string, input: object, caller: RequestContext): unknown {
    const operation = this.find(service, action);
    if (operation === undefined) throw new AwsError('UnknownOperationException', `${service} has no action ${action}.`);
    const name = nameOf(service);
    if (!DECIDED_BY_SERVICE.test(`${name}:${action}`)) checkIdentity(caller, `${name}:${operation.name}`);
    const request = read(operation, input);
    const missing = operation.missing(request);
    const refusal =
      missing.length === 0 ? undefined : definitionOf(name)?.protocol?.missingMembers(operation.name, missing);
    if (refusal !== undefined) throw refusal;
    // The service is one of the list, and its methods are named as its actions.
    const api = this.place.api[name as ServiceName] as unknown as Readonly<Record<string, Method>>;
    return api[operation.method](request, { ...caller, endpoint: `https://${name}.${caller.region}.amazonaws.com` });
  }

  private find(service: string, action: string): Operation | undefined {
    const key = `${service}:${action}`;
    if (this.operations.has(key)) return this.operations.get(key);
    const schema = definitionOf(nameOf(service))?.protocol?.operations.find(([, , name]) => methodOf(name) === action);
    const operation = schema && new Operation(schema);
    this.operations.set(key, operation);
    return operation;
  }
}

function nameOf(service: string): string {
  return Object.hasOwn(NAMES, service) ? NAMES[service] : service;
}

/** Checks that the caller's identity policies allow an action on any resource. */
function checkIdentity(caller: RequestContext, action: string): void {
  const { identity, principal } = caller;
  if (identity === undefined) return;
  const request = accessOf(caller, action, '*', 0);
  const verdict = identity.verdictOnAny(request);
  if (verdict === 'Allow') return;
  const { reason, denial } = byIdentity({ identity, request }, verdict === 'Deny');
  const text = `User: ${principal} is not authorized to perform: ${action} ${reason}`;
  throw new AwsError('AccessDeniedException', text, { status: 403, denial });
}

/** Checks and converts a request. Bytes, such as the payload of a function, are written as text. */
function read(operation: Operation, input: object): object {
  const request: Record<string, unknown> = { ...input };
  for (const [name, member] of NormalizedSchema.of(operation.input).structIterator()) {
    const value = request[name];
    if (member.isBlobSchema() && typeof value === 'string') request[name] = Buffer.from(value).toString('base64');
  }
  try {
    return operation.readJson(request) as object;
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    throw new AwsError('SerializationException', error.message);
  }
}
