import { document, emulated, list, record, required, text } from '../../../cloudformation/provider/shapes';
import { unlessGone } from '../../../cloudformation/provider/gone';
import type { JsonObject } from '../../../cloudformation/provider/json';

export const NOT_ENFORCED = 'permissions are not enforced';

/** Inline policies of a role, user or group. */
export const inlinePolicies = list(
  record({ PolicyDocument: required(emulated(document)), PolicyName: required(emulated(text)) }),
);

type Inline = readonly { readonly PolicyName: string; readonly PolicyDocument: JsonObject }[];

/** How an entity's policies are put and taken. */
export interface PolicyCalls {
  put(name: string, document: string): void;
  remove(name: string): void;
  attach(arn: string): void;
  detach(arn: string): void;
}

/** The policies of an entity, as a template describes them. */
export interface DescribedPolicies {
  readonly Policies?: Inline;
  readonly ManagedPolicyArns?: readonly string[];
}

/** Attaches the policies of its template to an entity, and removes those that it had before. */
export function changePolicies(calls: PolicyCalls, given: DescribedPolicies, previous: DescribedPolicies = {}): void {
  const { Policies = [], ManagedPolicyArns = [] } = given;
  for (const { PolicyName: name } of previous.Policies ?? []) {
    if (!Policies.some(({ PolicyName }) => PolicyName === name)) gone(() => calls.remove(name));
  }
  for (const arn of previous.ManagedPolicyArns ?? []) {
    if (!ManagedPolicyArns.includes(arn)) gone(() => calls.detach(arn));
  }
  for (const { PolicyName, PolicyDocument } of Policies) calls.put(PolicyName, JSON.stringify(PolicyDocument));
  for (const arn of ManagedPolicyArns) ifHere(() => calls.attach(arn));
}

/** What a template changes of something that it only refers to, and that may not be here: an imported role, for one. */
export function ifHere(change: () => void): void {
  unlessGone(change, 'NoSuchEntityException');
}

/** Deletes something that may be gone already. */
export function gone(remove: () => void): void {
  unlessGone(remove, 'NoSuchEntityException');
}
