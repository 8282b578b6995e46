import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { emulated, list, naming, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { limitExceeded } from '../errors';
import type { Iam } from '../iam';
import { gone, NOT_ENFORCED } from './shared';

type Context = ResourceContext<Iam>;

/** An instance profile: the workers on an instance call AWS with its role. */
export const instanceProfile = define({
  type: 'AWS::IAM::InstanceProfile',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    InstanceProfileName: naming(emulated(text)),
    Path: replacing(emulated(text)),
    Roles: required(emulated(list(text))),
  },
  unique: {
    within: 'account',
    name: ({ properties, name }) => properties.InstanceProfileName ?? name({ longest: 128 }),
    exists: ({ properties, name }, { service }: Context) =>
      service.account.profiles.has(properties.InstanceProfileName ?? name({ longest: 128 })),
  },
  create({ properties: given, name }, { service, call }: Context) {
    const InstanceProfileName = given.InstanceProfileName ?? name({ longest: 128 });
    const { InstanceProfile: profile } = service.createInstanceProfile({ InstanceProfileName, Path: given.Path }, call);
    setRole(service, InstanceProfileName, given.Roles);
    return { ref: InstanceProfileName, attributes: { Arn: profile?.Arn ?? '' } };
  },
  update({ ref: InstanceProfileName, attributes, properties: { Roles } }, { service }: Context) {
    setRole(service, InstanceProfileName, Roles);
    return { ref: InstanceProfileName, attributes };
  },
  delete({ ref: InstanceProfileName }, { service, call }: Context) {
    gone(() => {
      setRole(service, InstanceProfileName, []);
      service.deleteInstanceProfile({ InstanceProfileName }, call);
    });
  },
});

/** Sets a profile's role, which may be one that is not here, such as an imported one. */
function setRole({ account }: Iam, profileName: string, roles: readonly string[]): void {
  if (roles.length > 1) throw limitExceeded('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
  account.profiles.find(profileName).role = roles.at(0);
}
