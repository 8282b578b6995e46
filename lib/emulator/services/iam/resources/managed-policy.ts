import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { document, emulated, list, naming, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { Iam } from '../iam';
import { gone, ifHere, NOT_ENFORCED } from './shared';

type Context = ResourceContext<Iam>;

interface Holders {
  readonly Groups?: readonly string[];
  readonly Roles?: readonly string[];
  readonly Users?: readonly string[];
}

/** A managed policy of the account's own. */
export const managedPolicy = define({
  type: 'AWS::IAM::ManagedPolicy',
  note: NOT_ENFORCED,
  status: 'inert',
  properties: {
    Description: replacing(emulated(text)),
    Groups: emulated(list(text)),
    ManagedPolicyName: naming(emulated(text)),
    Path: replacing(emulated(text)),
    PolicyDocument: required(emulated(document)),
    Roles: emulated(list(text)),
    Users: emulated(list(text)),
  },
  create({ properties: given, name }, { service, call }: Context) {
    const input = {
      PolicyName: given.ManagedPolicyName ?? name({ longest: 128 }),
      PolicyDocument: JSON.stringify(given.PolicyDocument),
      Description: given.Description,
      Path: given.Path,
    };
    const { Policy: policy } = service.createPolicy(input, call);
    const { Arn: arn = '', PolicyId = '', DefaultVersionId = '' } = policy ?? {};
    attach(arn, given, service, call);
    return { ref: arn, attributes: { DefaultVersionId, PolicyArn: arn, PolicyId } };
  },
  update({ ref: PolicyArn, attributes, properties: given, previous }, { service, call }: Context) {
    const PolicyDocument = JSON.stringify(given.PolicyDocument);
    let { DefaultVersionId } = attributes;
    if (PolicyDocument !== JSON.stringify(previous.PolicyDocument)) {
      makeRoom(PolicyArn, service, call);
      const { PolicyVersion } = service.createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault: true }, call);
      DefaultVersionId = PolicyVersion?.VersionId ?? '';
    }
    detach(PolicyArn, previous, service, call);
    attach(PolicyArn, given, service, call);
    return { ref: PolicyArn, attributes: { ...attributes, DefaultVersionId } };
  },
  delete({ ref: PolicyArn, properties }, { service, call }: Context) {
    gone(() => {
      detach(PolicyArn, properties, service, call);
      const { Versions = [] } = service.listPolicyVersions({ PolicyArn }, call);
      for (const { VersionId, IsDefaultVersion } of Versions) {
        if (IsDefaultVersion !== true) service.deletePolicyVersion({ PolicyArn, VersionId }, call);
      }
      service.deletePolicy({ PolicyArn }, call);
    });
  },
});

/** Deletes the oldest version if there are as many as there may be, as CloudFormation does. */
function makeRoom(PolicyArn: string, service: Iam, call: Context['call']): void {
  const { Versions = [] } = service.listPolicyVersions({ PolicyArn }, call);
  const others = Versions.filter(({ IsDefaultVersion }) => IsDefaultVersion !== true);
  if (Versions.length >= 5) service.deletePolicyVersion({ PolicyArn, VersionId: others.at(-1)?.VersionId }, call);
}

function attach(
  PolicyArn: string,
  { Groups = [], Roles = [], Users = [] }: Holders,
  service: Iam,
  call: Context['call'],
): void {
  for (const GroupName of Groups) ifHere(() => service.attachGroupPolicy({ GroupName, PolicyArn }, call));
  for (const RoleName of Roles) ifHere(() => service.attachRolePolicy({ RoleName, PolicyArn }, call));
  for (const UserName of Users) ifHere(() => service.attachUserPolicy({ UserName, PolicyArn }, call));
}

function detach(
  PolicyArn: string,
  { Groups = [], Roles = [], Users = [] }: Holders,
  service: Iam,
  call: Context['call'],
): void {
  for (const GroupName of Groups) gone(() => service.detachGroupPolicy({ GroupName, PolicyArn }, call));
  for (const RoleName of Roles) gone(() => service.detachRolePolicy({ RoleName, PolicyArn }, call));
  for (const UserName of Users) gone(() => service.detachUserPolicy({ UserName, PolicyArn }, call));
}
