import { at, isObject, list } from '../template/json';

/** Whether a policy's document has a statement that fits. */
export const statements = (document: unknown): readonly unknown[] => list(at(document, 'Statement'));

/** Whether a statement allows an action; wildcards count. */
export function allows(statement: unknown, action: string): boolean {
  return (
    at(statement, 'Effect') === 'Allow' &&
    list(at(statement, 'Action')).some((pattern) => typeof pattern === 'string' && matches(pattern, action))
  );
}

/** Whether a statement is about a service; everyone is, too. */
export function isForService(statement: unknown, service: string): boolean {
  return isForEveryone(statement) || list(at(statement, 'Principal', 'Service')).some((one) => isService(one, service));
}

/** Whether a statement's principal is `*`. */
export function isForEveryone(statement: unknown): boolean {
  const principal = at(statement, 'Principal');
  return principal === '*' || list(at(principal, 'AWS')).includes('*');
}

/** Whether a statement has any condition. */
export function isConditioned(statement: unknown): boolean {
  const condition = at(statement, 'Condition');
  return isObject(condition) && Object.keys(condition).length > 0;
}

/** Whether a statement's conditions say on whose behalf a service may act. */
export function namesSource(statement: unknown): boolean {
  const condition = at(statement, 'Condition');
  const keys = Object.values(isObject(condition) ? condition : {}).flatMap((test) =>
    isObject(test) ? Object.keys(test) : [],
  );
  return keys.some((key) => /^aws:(Source|Principal)(Arn|Account|OrgID|OrgPaths)$/i.test(key));
}

/**
 * A service's plain name is also meant by one with a region, which may be the same: `sns.us-east-1.amazonaws.com`. A name
 * with an opt-in Region is meant by no other. What isn't a text may be the service.
 */
function isService(principal: unknown, service: string): boolean {
  if (typeof principal !== 'string' || principal === service) return true;
  const [name, ...rest] = service.split('.');
  return rest.length === 2 && new RegExp(`^${name}\\.[a-z0-9-]+\\.amazonaws\\.com`).test(principal);
}

function matches(pattern: string, action: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${expression}$`, 'i').test(action);
}
