import {
  AwsError,
  type Delivery,
  DeliveryDenied,
  type DeliveryRole,
  isPromise,
  NotDeliverable,
  parseArn,
  type RequestContext,
} from '../core';
import { definitionOf, type ServiceName, type Services } from '../services';
import { assumeRole } from './assumed-role';

/** The services of an account and Region as they are called; undefined if that Region has not begun. */
export type FindServices = (account: string, region: string) => Services | undefined;

/**
 * Hands something to a resource, by its ARN: the one way by which services reach one another's resources. The target's
 * own service decides whether it takes it, by its policy and the policy of its key. Returns a promise if that takes time.
 *
 * @param role the role that the calling service assumes for it, by the role's trust policy
 * @throws DeliveryDenied if a policy refuses it; AwsError if the target's service refuses it for another reason
 */
export function deliver(
  find: FindServices,
  targetArn: string,
  delivery: Delivery,
  caller: RequestContext,
  role?: DeliveryRole,
): void | Promise<unknown> {
  if (role !== undefined) {
    const services = find(caller.account, caller.region);
    const session = explained(caller, () => assumeRole(services, role, caller));
    return deliver(find, targetArn, delivery, session);
  }
  const arn = parseArn(targetArn);
  const definition = arn && definitionOf(arn.service);
  if (arn === undefined || definition?.deliver === undefined) throw new NotDeliverable(targetArn);
  const services = find(arn.account, arn.region) ?? find(caller.account, caller.region);
  if (services === undefined) throw new NotDeliverable(targetArn);
  const take = definition.deliver;
  const result = explained(caller, () => take(services[definition.name as ServiceName], targetArn, delivery, caller));
  if (isPromise(result)) return result.catch((error: unknown) => explained(caller, () => rethrow(error)));
}

/** Whether the service of an ARN takes deliveries. */
export function takesDeliveries(targetArn: string): boolean {
  return definitionOf(parseArn(targetArn)?.service ?? '')?.deliver !== undefined;
}

/** Runs a call, and adds to the refusal of a policy what the policy lacks. */
function explained<T>(caller: RequestContext, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof AwsError && error.denial !== undefined) throw new DeliveryDenied(error, error.denial, caller);
    throw error;
  }
}

function rethrow(error: unknown): never {
  throw error;
}
