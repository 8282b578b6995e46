import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { document, emulated, list, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { JsonObject } from '../../../cloudformation/provider/json';
import type { Iam } from '../iam';
import { gone, ifHere, NOT_ENFORCED } from './shared';

type Context = ResourceContext<Iam>;

/** An inline policy of roles, users and groups, as a template has it. */
interface Inline {
  readonly PolicyName: string;
  readonly PolicyDocument?: JsonObject;
  readonly Groups?: readonly string[];
  readonly Roles?: readonly string[];
  readonly Users?: readonly string[];
}

/** An inline policy of roles, users and groups. */
export const identityPolicy = define({
  type: 'AWS::IAM::Policy',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    Groups: emulated(list(text)),
    PolicyDocument: required(emulated(document)),
    PolicyName: required(emulated(text)),
    Roles: emulated(list(text)),
    Users: emulated(list(text)),
  },
  create({ properties, name }, { service, call }: Context) {
    put(properties, service, call);
    const id = name({ longest: 128 });
    return { ref: id, attributes: { Id: id } };
  },
  update({ ref, attributes, properties, previous }, { service, call }: Context) {
    put(properties, service, call);
    remove(previous, service, call, properties);
    return { ref, attributes };
  },
  delete: ({ properties }, { service, call }: Context) => remove(properties, service, call),
});

const common = { PolicyDocument: emulated(document), PolicyName: replacing(required(emulated(text))) };

/** An inline policy of one role. */
export const rolePolicy = define({
  type: 'AWS::IAM::RolePolicy',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: { ...common, RoleName: replacing(required(emulated(text))) },
  create({ properties }, { service, call }: Context) {
    put({ ...properties, Roles: [properties.RoleName] }, service, call);
    return { ref: properties.PolicyName, attributes: {} };
  },
  update({ ref, properties }, { service, call }: Context) {
    put({ ...properties, Roles: [properties.RoleName] }, service, call);
    return { ref, attributes: {} };
  },
  delete: ({ properties }, { service, call }: Context) =>
    remove({ ...properties, Roles: [properties.RoleName] }, service, call),
});

/** An inline policy of one user. */
export const userPolicy = define({
  type: 'AWS::IAM::UserPolicy',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: { ...common, UserName: replacing(required(emulated(text))) },
  create({ properties }, { service, call }: Context) {
    put({ ...properties, Users: [properties.UserName] }, service, call);
    return { ref: properties.PolicyName, attributes: {} };
  },
  update({ ref, properties }, { service, call }: Context) {
    put({ ...properties, Users: [properties.UserName] }, service, call);
    return { ref, attributes: {} };
  },
  delete: ({ properties }, { service, call }: Context) =>
    remove({ ...properties, Users: [properties.UserName] }, service, call),
});

/** An inline policy of one group. */
export const groupPolicy = define({
  type: 'AWS::IAM::GroupPolicy',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: { ...common, GroupName: replacing(required(emulated(text))) },
  create({ properties }, { service, call }: Context) {
    put({ ...properties, Groups: [properties.GroupName] }, service, call);
    return { ref: properties.PolicyName, attributes: {} };
  },
  update({ ref, properties }, { service, call }: Context) {
    put({ ...properties, Groups: [properties.GroupName] }, service, call);
    return { ref, attributes: {} };
  },
  delete: ({ properties }, { service, call }: Context) =>
    remove({ ...properties, Groups: [properties.GroupName] }, service, call),
});

function put(given: Inline, service: Iam, call: Context['call']): void {
  const { PolicyName, Groups = [], Roles = [], Users = [] } = given;
  const PolicyDocument = JSON.stringify(given.PolicyDocument ?? {});
  for (const GroupName of Groups) ifHere(() => service.putGroupPolicy({ GroupName, PolicyName, PolicyDocument }, call));
  for (const RoleName of Roles) ifHere(() => service.putRolePolicy({ RoleName, PolicyName, PolicyDocument }, call));
  for (const UserName of Users) ifHere(() => service.putUserPolicy({ UserName, PolicyName, PolicyDocument }, call));
}

/** @param kept what has the policy still, of the same name */
function remove(given: Inline, service: Iam, call: Context['call'], kept?: Inline): void {
  const { PolicyName, Groups = [], Roles = [], Users = [] } = given;
  const keeps = (kind: 'Groups' | 'Roles' | 'Users', name: string) =>
    kept?.PolicyName === PolicyName && kept[kind]?.includes(name) === true;
  for (const GroupName of Groups) {
    if (!keeps('Groups', GroupName)) gone(() => service.deleteGroupPolicy({ GroupName, PolicyName }, call));
  }
  for (const RoleName of Roles) {
    if (!keeps('Roles', RoleName)) gone(() => service.deleteRolePolicy({ RoleName, PolicyName }, call));
  }
  for (const UserName of Users) {
    if (!keeps('Users', UserName)) gone(() => service.deleteUserPolicy({ UserName, PolicyName }, call));
  }
}
