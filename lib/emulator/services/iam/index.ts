import { AwsError } from '../../core';
import { defineService } from '../service-definition';
import { IamAccount } from './account/account';
import { Iam, type RoleView } from './iam';
import { protocol } from './protocol';
import { identityTypes } from './resources/identities';
import { testing } from './testing';

export { IamAccount } from './account/account';
export { Iam, type RoleView } from './iam';

/** AWS Identity and Access Management. Of its policies, those of roles that AWS services assume are evaluated. */
export const iam = defineService<'iam', Iam, object, { readonly roles: readonly RoleView[] }, typeof testing>({
  name: 'iam',
  protocol,
  errors: {
    throttled: () => new AwsError('Throttling', 'Rate exceeded'),
    internal: { shape: 'ServiceFailureException', queryCode: 'ServiceFailure' },
  },
  resourceTypes: identityTypes,
  resourcesOf: ({ RoleName, UserName, GroupName, PolicyArn, InstanceProfileName }) =>
    [RoleName, UserName, GroupName, PolicyArn, InstanceProfileName].filter(
      (name): name is string => typeof name === 'string',
    ),
  testing,
  status: { sections: ['roles'], of: (service) => ({ roles: service.roles() }) },
  create({ clock, random, account, inAnotherRegion }) {
    const shared = inAnotherRegion()?.account;
    return new Iam(shared ?? new IamAccount(clock, random, account), shared === undefined);
  },
});
