import type { Provider, ResourceContext } from '../../../cloudformation/provider/contract';
import type { Iam } from '../iam';
import { instanceProfile } from './instance-profile';
import { managedPolicy } from './managed-policy';
import { groupPolicy, identityPolicy, rolePolicy, userPolicy } from './policy';
import { iamRole, serviceLinkedRole } from './role';
import { accessKey, iamGroup, iamUser, userToGroupAddition } from './user';

/** The resource types of IAM. Their objects are there, and their policies are not evaluated. */
export const identityTypes: readonly Provider<ResourceContext<Iam>>[] = [
  iamRole,
  iamUser,
  iamGroup,
  instanceProfile,
  identityPolicy,
  rolePolicy,
  userPolicy,
  groupPolicy,
  userToGroupAddition,
  accessKey,
  managedPolicy,
  serviceLinkedRole,
];
