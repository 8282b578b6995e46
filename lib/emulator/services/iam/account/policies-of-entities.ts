import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { ModelConstraints } from '../../../core';
import { deleteConflict, limitExceeded, noSuchEntity } from '../errors';
import { LIMITS } from '../limits';
import type { IamAccount } from './account';
import { nameOfAwsManaged } from './aws-managed-policies';
import { readIdentityPolicy } from './documents';
import type { IamEntity } from './entities';

const TITLES = { role: 'Role', user: 'User', group: 'Group' } as const;

/** Puts an inline policy. */
export function putInline(entity: IamEntity, name = '', text = ''): void {
  checkPolicyName(name);
  const document = readIdentityPolicy(text);
  const others = [...entity.inline].filter(([other]) => other !== name);
  const size = [...others.map(([, each]) => each.text), text].reduce((sum, each) => sum + sizeOf(each), 0);
  const most = LIMITS.inlinePolicies[entity.kind];
  if (size > most) {
    throw limitExceeded(`Maximum policy size of ${most} bytes exceeded for ${entity.kind} ${entity.name}`);
  }
  entity.inline.set(name, document);
}

/** The document of an inline policy. */
export function getInline(entity: IamEntity, name = ''): string {
  const document = entity.inline.get(name);
  if (document === undefined) throw noSuchEntity(`The ${entity.kind} policy with name ${name} cannot be found.`);
  return document.text;
}

export function deleteInline(entity: IamEntity, name = ''): void {
  getInline(entity, name);
  entity.inline.delete(name);
}

export function attach(account: IamAccount, entity: IamEntity, arn = ''): void {
  account.checkPolicy(arn);
  if (!entity.attached.has(arn) && entity.attached.size >= LIMITS.attachedPolicies) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPer${TITLES[entity.kind]}: ${LIMITS.attachedPolicies}`);
  }
  entity.attached.add(arn);
}

export function detach(entity: IamEntity, arn = ''): void {
  if (!entity.attached.delete(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
}

export function listAttached(account: IamAccount, { attached }: IamEntity): AttachedPolicy[] {
  return [...attached].map((arn) => ({
    PolicyName: account.policies.get(arn)?.name ?? nameOfAwsManaged(arn).name,
    PolicyArn: arn,
  }));
}

/** Throws if a role, user or group has policies, which have to be deleted first. */
export function checkBare({ attached, inline }: IamEntity): void {
  if (attached.size > 0) throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (inline.size > 0) throw deleteConflict('Cannot delete entity, must delete policies first.');
}

export function checkPolicyName(name: string): void {
  new ModelConstraints()
    .length('policyName', name, 1, 128)
    .pattern('policyName', name, '[\\w+=,.@-]+')
    .check('ValidationError');
}

/** The size of a document by IAM's count: without blanks. */
export function sizeOf(text: string): number {
  return text.replace(/\s/g, '').length;
}
