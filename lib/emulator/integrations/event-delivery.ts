import { AwsError, type Delivery, DeliveryDenied, NotDeliverable, parseArn, type RequestContext } from '../core';
import { definitionOf, type ServiceName, type Services } from '../services';

/** The services of an account and Region as they are called; undefined if that Region has not begun. */
export type FindServices = (account: string, region: string) => Services | undefined;

/**
 * Hands something to a resource, by its ARN: the one way by which services reach one another's resources. The target's
 * own service decides whether it takes it, by its policy and the policy of its key.
 *
 * @throws DeliveryDenied if a policy refuses it; AwsError if the target's service refuses it for another reason
 */
export function deliver(find: FindServices, targetArn: string, delivery: Delivery, caller: RequestContext): void {
  const arn = parseArn(targetArn);
  const definition = arn && definitionOf(arn.service);
  if (arn === undefined || definition?.deliver === undefined) throw new NotDeliverable(targetArn);
  const services = find(arn.account, arn.region) ?? find(caller.account, caller.region);
  if (services === undefined) throw new NotDeliverable(targetArn);
  try {
    definition.deliver(services[definition.name as ServiceName], targetArn, delivery, caller);
  } catch (error) {
    if (error instanceof AwsError && error.denial !== undefined) throw new DeliveryDenied(error, error.denial, caller);
    throw error;
  }
}
