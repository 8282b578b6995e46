import * as sdk from '@aws-sdk/client-iam';
import { Role, ServicePrincipal, ManagedPolicy, PolicyStatement, User, Group } from 'aws-cdk-lib/aws-iam';
import { App, Stack } from 'aws-cdk-lib/core';
import { LocalCloud } from '../../../../lib/testing';
import { ACCOUNT, contract, type ContractCloud, expectRefused, type Resources } from '../../../support/contract-cloud';

const iamOf = (cloud: ContractCloud) => cloud.client(sdk.IAMClient);
const statement = (more: object = {}) => ({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: '*', ...more });
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trusting = (more: object = {}) =>
  policy({ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole', ...more });
const managed = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

const noSuch = (message: string) => ({ name: 'NoSuchEntityException', status: 404, message });
const exists = (message: string) => ({ name: 'EntityAlreadyExistsException', status: 409, message });
const conflict = (message: string) => ({ name: 'DeleteConflictException', status: 409, message });
const limit = (message: string | RegExp) => ({ name: 'LimitExceededException', status: 409, message });
const malformed = (message: string) => ({ name: 'MalformedPolicyDocumentException', message });
const invalid = (message?: string | RegExp) => ({ name: 'ValidationError', message });

/** A client, and a role. */
async function withRole(cloud: ContractCloud, RoleName = 'worker') {
  const iam = iamOf(cloud);
  const { Role: role } = await iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting() }));
  return { iam, role };
}

contract('§23.1 objects', {
  'a role is created, read, listed, changed, tagged and deleted': async (cloud) => {
    const iam = iamOf(cloud);
    const AssumeRolePolicyDocument = trusting();
    const create = new sdk.CreateRoleCommand({
      RoleName: 'worker',
      Path: '/app/',
      AssumeRolePolicyDocument,
      Description: 'd',
      Tags: [{ Key: 'a', Value: '1' }],
    });
    const { Role: role } = await iam.send(create);
    expect(role).toMatchObject({
      Path: '/app/',
      RoleName: 'worker',
      RoleId: expect.stringMatching(/^AROA[A-Z0-9]{17}$/) as string,
      Arn: `arn:aws:iam::${ACCOUNT}:role/app/worker`,
      CreateDate: new Date(Math.floor(cloud.now / 1_000) * 1_000),
      MaxSessionDuration: 3_600,
      Tags: [{ Key: 'a', Value: '1' }],
    });
    expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(AssumeRolePolicyDocument);
    await expectRefused(iam.send(create), exists('Role with name worker already exists.'));
    await expectRefused(
      iam.send(new sdk.CreateRoleCommand({ RoleName: 'WORKER', AssumeRolePolicyDocument })),
      exists('Role with name WORKER already exists.'),
    );
    await iam.send(new sdk.UpdateRoleCommand({ RoleName: 'worker', Description: 'other', MaxSessionDuration: 7_200 }));
    await iam.send(
      new sdk.UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument: trusting({ Sid: 'New' }) }),
    );
    await iam.send(new sdk.TagRoleCommand({ RoleName: 'worker', Tags: [{ Key: 'b', Value: '2' }] }));
    await iam.send(new sdk.UntagRoleCommand({ RoleName: 'worker', TagKeys: ['a'] }));
    const got = (await iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' }))).Role;
    expect(got).toMatchObject({ Description: 'other', MaxSessionDuration: 7_200, Tags: [{ Key: 'b', Value: '2' }] });
    expect(decodeURIComponent(got?.AssumeRolePolicyDocument ?? '')).toContain('"Sid":"New"');
    expect((await iam.send(new sdk.ListRolesCommand({ PathPrefix: '/app/' }))).Roles).toHaveLength(1);
    expect((await iam.send(new sdk.ListRolesCommand({ PathPrefix: '/none/' }))).Roles).toEqual([]);
    await iam.send(new sdk.DeleteRoleCommand({ RoleName: 'worker' }));
    await expectRefused(
      iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' })),
      noSuch('The role with name worker cannot be found.'),
    );
  },
  'names and settings are checked, and lists come in pages': async (cloud) => {
    const iam = iamOf(cloud);
    const create = (RoleName: string, more: object = {}) =>
      iam.send(new sdk.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trusting(), ...more }));
    await create('r'.repeat(64));
    await expectRefused(
      create('r'.repeat(65)),
      invalid(/at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64/),
    );
    await expectRefused(
      create('a b'),
      invalid(
        'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
      ),
    );
    for (const seconds of [3_599, 43_201])
      await expectRefused(create('a', { MaxSessionDuration: seconds }), invalid(/'maxSessionDuration'/));
    await expectRefused(create('a', { Path: 'app' }), invalid());
    for (const name of ['a', 'b', 'c']) await create(name);
    const names: (string | undefined)[] = [];
    for await (const { Roles = [] } of sdk.paginateListRoles({ client: iam, pageSize: 3 }, {}))
      names.push(...Roles.map(({ RoleName }) => RoleName));
    expect(names).toEqual(['a', 'b', 'c', 'r'.repeat(64)]);
  },
  'an account has the same objects in all its Regions': async (cloud) => {
    await withRole(cloud);
    const elsewhere = new sdk.IAMClient({ ...cloud.emulator.clientConfig(), region: 'eu-west-1' });
    expect((await elsewhere.send(new sdk.ListRolesCommand({}))).Roles).toHaveLength(1);
    expect(cloud.emulator.status().roles).toMatchObject([{ name: 'worker' }]);
  },
});

const TRUST_ERRORS: readonly (readonly [string, string])[] = [
  ['{', 'This policy contains invalid Json'],
  [policy(), 'Syntax errors in policy.'],
  [trusting({ Effect: 'Maybe' }), 'Syntax errors in policy.'],
  [trusting({ Colour: 'red' }), 'Syntax errors in policy.'],
  [trusting({ Action: 'sqs:SendMessage' }), 'AssumeRole policy may only specify STS AssumeRole actions.'],
  [trusting({ Resource: '*' }), 'Has prohibited field Resource.'],
  [trusting({ Principal: undefined }), 'Missing required field Principal.'],
  [trusting({ Principal: { Service: 'lambda' } }), 'Invalid principal in policy: "SERVICE":"lambda"'],
  [trusting({ Principal: { AWS: 'somebody' } }), 'Invalid principal in policy: "AWS":"somebody"'],
];

contract('§23.2 trust policies', {
  'what AWS refuses': async (cloud) => {
    const { iam } = await withRole(cloud);
    for (const [PolicyDocument, message] of TRUST_ERRORS) {
      await expectRefused(
        iam.send(new sdk.UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument })),
        malformed(message),
      );
    }
    const long = trusting({ Principal: { AWS: Array.from({ length: 200 }, () => ACCOUNT) } });
    await expectRefused(
      iam.send(new sdk.UpdateAssumeRolePolicyCommand({ RoleName: 'worker', PolicyDocument: long })),
      limit('Cannot exceed quota for ACLSizePerRole: 2048'),
    );
  },
});

const POLICY_ERRORS: readonly (readonly [string, string])[] = [
  ['[]', 'This policy contains invalid Json'],
  [policy(statement({ Principal: '*' })), 'Policy document should not specify a principal.'],
  [policy(statement({ Resource: undefined })), 'Policy statement must contain resources.'],
  [policy(statement({ Action: undefined })), 'Policy statement must contain actions.'],
  [
    policy(statement({ Action: 'everything' })),
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  ],
  [policy(statement({ Sid: 'A' }), statement({ Sid: 'A' })), 'Statement IDs (SID) in a single policy must be unique.'],
];

contract('§23.3 policies', {
  'inline policies of a role': async (cloud) => {
    const { iam } = await withRole(cloud);
    const put = (PolicyDocument: string, PolicyName = 'p') =>
      iam.send(new sdk.PutRolePolicyCommand({ RoleName: 'worker', PolicyName, PolicyDocument }));
    const text = policy(statement({ Resource: "arn:aws:sqs:*:*:it's*(1)!" }));
    await put(text);
    const got = await iam.send(new sdk.GetRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p' }));
    expect(got.PolicyDocument).not.toMatch(/[!'()*"{]/);
    expect(decodeURIComponent(got.PolicyDocument ?? '')).toBe(text);
    expect((await iam.send(new sdk.ListRolePoliciesCommand({ RoleName: 'worker' }))).PolicyNames).toEqual(['p']);
    for (const [document, message] of POLICY_ERRORS) await expectRefused(put(document), malformed(message));
    const big = policy(statement({ Resource: `arn:aws:sqs:us-east-1:1:${'x'.repeat(10_000)}` }));
    await put(big, 'p');
    await expectRefused(put(big, 'q'), limit('Maximum policy size of 10240 bytes exceeded for role worker'));
    const remove = new sdk.DeleteRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p' });
    await expectRefused(
      iam.send(new sdk.DeleteRoleCommand({ RoleName: 'worker' })),
      conflict('Cannot delete entity, must delete policies first.'),
    );
    await iam.send(remove);
    await expectRefused(iam.send(remove), noSuch('The role policy with name p cannot be found.'));
  },
  'managed policies, their versions and attachments': async (cloud) => {
    const { iam } = await withRole(cloud);
    const PolicyDocument = policy(statement());
    const create = new sdk.CreatePolicyCommand({ PolicyName: 'send', Path: '/app/', PolicyDocument, Description: 'd' });
    const { Policy: made } = await iam.send(create);
    const PolicyArn = made?.Arn ?? '';
    expect(made).toMatchObject({
      Arn: `arn:aws:iam::${ACCOUNT}:policy/app/send`,
      PolicyId: expect.stringMatching(/^ANPA[A-Z0-9]{17}$/) as string,
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
    });
    await expectRefused(
      iam.send(create),
      exists('A policy called send already exists. Duplicate names are not allowed.'),
    );
    const attach = (arn: string) => iam.send(new sdk.AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: arn }));
    await attach(PolicyArn);
    await attach(PolicyArn);
    await attach(managed);
    const missing = `arn:aws:iam::${ACCOUNT}:policy/none`;
    await expectRefused(attach(missing), noSuch(`Policy ${missing} does not exist or is not attachable.`));
    expect((await iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName: 'worker' }))).AttachedPolicies).toEqual([
      { PolicyName: 'send', PolicyArn },
      { PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: managed },
    ]);
    expect((await iam.send(new sdk.ListEntitiesForPolicyCommand({ PolicyArn }))).PolicyRoles).toMatchObject([
      { RoleName: 'worker' },
    ]);
    const version = (SetAsDefault: boolean) =>
      iam.send(
        new sdk.CreatePolicyVersionCommand({
          PolicyArn,
          PolicyDocument: policy(statement({ Sid: 'Next' })),
          SetAsDefault,
        }),
      );
    await version(true);
    for (let index = 3; index <= 5; index++) await version(false);
    await expectRefused(version(false), limit(/^A managed policy can have up to 5 versions/));
    const { PolicyVersion } = await iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect(PolicyVersion?.IsDefaultVersion).toBe(true);
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toContain('Next');
    await expectRefused(
      iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' })),
      conflict('Cannot delete the default version of a policy.'),
    );
    await expectRefused(
      iam.send(new sdk.DeletePolicyCommand({ PolicyArn })),
      conflict('Cannot delete a policy attached to entities.'),
    );
    await expectRefused(
      iam.send(new sdk.DeleteRoleCommand({ RoleName: 'worker' })),
      conflict('Cannot delete entity, must detach all policies first.'),
    );
    await iam.send(new sdk.DetachRolePolicyCommand({ RoleName: 'worker', PolicyArn }));
    await expectRefused(
      iam.send(new sdk.DetachRolePolicyCommand({ RoleName: 'worker', PolicyArn })),
      noSuch(`Policy ${PolicyArn} was not found.`),
    );
    await expectRefused(iam.send(new sdk.DeletePolicyCommand({ PolicyArn })), {
      name: 'DeleteConflictException',
      status: 409,
      message: /^This policy has more than one version/,
    });
    const { Versions = [] } = await iam.send(new sdk.ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual(['v5', 'v4', 'v3', 'v2', 'v1']);
    for (const VersionId of ['v1', 'v3', 'v4', 'v5'])
      await iam.send(new sdk.DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    await iam.send(new sdk.DeletePolicyCommand({ PolicyArn }));
    await expectRefused(
      iam.send(new sdk.GetPolicyCommand({ PolicyArn })),
      noSuch(`Policy ${PolicyArn} was not found.`),
    );
  },
  "AWS's own policies, and quotas": async (cloud) => {
    const { iam } = await withRole(cloud);
    const { PolicyVersion } = await iam.send(new sdk.GetPolicyVersionCommand({ PolicyArn: managed, VersionId: 'v1' }));
    expect(decodeURIComponent(PolicyVersion?.Document ?? '')).toContain('logs:PutLogEvents');
    expect((await iam.send(new sdk.GetPolicyCommand({ PolicyArn: managed }))).Policy).toMatchObject({
      PolicyName: 'AWSLambdaBasicExecutionRole',
      Path: '/service-role/',
    });
    const { Policies = [] } = await iam.send(new sdk.ListPoliciesCommand({ Scope: 'AWS' }));
    expect(Policies.map(({ PolicyName }) => PolicyName)).toContain('AdministratorAccess');
    const attach = (name: string) =>
      iam.send(new sdk.AttachRolePolicyCommand({ RoleName: 'worker', PolicyArn: `arn:aws:iam::aws:policy/${name}` }));
    for (let index = 0; index < 10; index++) await attach(`Policy${index}`);
    await expectRefused(attach('One'), limit('Cannot exceed quota for PoliciesPerRole: 10'));
    const long = policy(statement({ Resource: `arn:aws:sqs:us-east-1:1:${'x'.repeat(6_100)}` }));
    await expectRefused(
      iam.send(new sdk.CreatePolicyCommand({ PolicyName: 'long', PolicyDocument: long })),
      limit('Cannot exceed quota for PolicySize: 6144'),
    );
  },
});

contract('§23.4 users, groups, instance profiles', {
  'a user, its keys, groups and policies': async (cloud) => {
    const iam = iamOf(cloud);
    const { User: user } = await iam.send(new sdk.CreateUserCommand({ UserName: 'ann' }));
    expect(user).toMatchObject({
      UserId: expect.stringMatching(/^AIDA[A-Z0-9]{17}$/) as string,
      Arn: `arn:aws:iam::${ACCOUNT}:user/ann`,
    });
    const key = () => iam.send(new sdk.CreateAccessKeyCommand({ UserName: 'ann' }));
    const { AccessKey } = await key();
    expect(AccessKey).toMatchObject({
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/) as string,
      SecretAccessKey: expect.stringMatching(/^.{40}$/) as string,
      Status: 'Active',
    });
    await key();
    await expectRefused(key(), limit('Cannot exceed quota for AccessKeysPerUser: 2'));
    await iam.send(new sdk.CreateGroupCommand({ GroupName: 'staff' }));
    await iam.send(new sdk.AddUserToGroupCommand({ GroupName: 'staff', UserName: 'ann' }));
    await iam.send(
      new sdk.PutGroupPolicyCommand({ GroupName: 'staff', PolicyName: 'p', PolicyDocument: policy(statement()) }),
    );
    await iam.send(new sdk.UpdateUserCommand({ UserName: 'ann', NewUserName: 'anna', NewPath: '/app/' }));
    expect((await iam.send(new sdk.GetGroupCommand({ GroupName: 'staff' }))).Users).toMatchObject([
      { UserName: 'anna', Arn: `arn:aws:iam::${ACCOUNT}:user/app/anna` },
    ]);
    expect((await iam.send(new sdk.ListGroupsForUserCommand({ UserName: 'anna' }))).Groups).toMatchObject([
      { GroupName: 'staff' },
    ]);
    const remove = () => iam.send(new sdk.DeleteUserCommand({ UserName: 'anna' }));
    await expectRefused(remove(), conflict('Cannot delete entity, must delete access keys first.'));
    const { AccessKeyMetadata = [] } = await iam.send(new sdk.ListAccessKeysCommand({ UserName: 'anna' }));
    for (const { AccessKeyId } of AccessKeyMetadata)
      await iam.send(new sdk.DeleteAccessKeyCommand({ UserName: 'anna', AccessKeyId }));
    await expectRefused(remove(), conflict('Cannot delete entity, must remove users from group first.'));
    await expectRefused(
      iam.send(new sdk.DeleteGroupCommand({ GroupName: 'staff' })),
      conflict('Cannot delete entity, must remove users from group first.'),
    );
    await iam.send(new sdk.RemoveUserFromGroupCommand({ GroupName: 'staff', UserName: 'anna' }));
    await remove();
    await expectRefused(
      iam.send(new sdk.GetUserCommand({ UserName: 'anna' })),
      noSuch('The user with name anna cannot be found.'),
    );
    await expectRefused(
      iam.send(new sdk.DeleteGroupCommand({ GroupName: 'staff' })),
      conflict('Cannot delete entity, must delete policies first.'),
    );
    expect((await iam.send(new sdk.GetUserCommand({}))).User).toMatchObject({ Arn: `arn:aws:iam::${ACCOUNT}:root` });
  },
  'an instance profile has one role': async (cloud) => {
    const { iam } = await withRole(cloud);
    await withRole(cloud, 'other');
    await iam.send(new sdk.CreateInstanceProfileCommand({ InstanceProfileName: 'p' }));
    const add = (RoleName: string) =>
      iam.send(new sdk.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'p', RoleName }));
    await add('worker');
    await expectRefused(add('other'), limit('Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1'));
    const { InstanceProfile } = await iam.send(new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'p' }));
    expect(InstanceProfile).toMatchObject({
      InstanceProfileId: expect.stringMatching(/^AIPA/) as string,
      Roles: [{ RoleName: 'worker' }],
    });
    const inUse = conflict('Cannot delete entity, must remove roles from instance profile first.');
    await expectRefused(iam.send(new sdk.DeleteInstanceProfileCommand({ InstanceProfileName: 'p' })), inUse);
    await expectRefused(iam.send(new sdk.DeleteRoleCommand({ RoleName: 'worker' })), inUse);
    await iam.send(new sdk.RemoveRoleFromInstanceProfileCommand({ InstanceProfileName: 'p', RoleName: 'worker' }));
    await iam.send(new sdk.DeleteInstanceProfileCommand({ InstanceProfileName: 'p' }));
    await expectRefused(
      iam.send(new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'p' })),
      noSuch('Instance Profile p cannot be found.'),
    );
  },
  'a service-linked role can be changed by AWS alone': async (cloud) => {
    const iam = iamOf(cloud);
    const create = new sdk.CreateServiceLinkedRoleCommand({ AWSServiceName: 'autoscaling.amazonaws.com' });
    const { Role: role } = await iam.send(create);
    expect(role).toMatchObject({
      RoleName: 'AWSServiceRoleForAutoScaling',
      Path: '/aws-service-role/autoscaling.amazonaws.com/',
    });
    await expectRefused(iam.send(create), { name: 'InvalidInputException', message: /has been taken in this account/ });
    await expectRefused(iam.send(new sdk.DeleteRoleCommand({ RoleName: role?.RoleName })), {
      name: 'UnmodifiableEntityException',
    });
    await iam.send(new sdk.DeleteServiceLinkedRoleCommand({ RoleName: role?.RoleName }));
  },
});

contract('§9 identities in templates', {
  'are created, updated in place, replaced and deleted': async (cloud) => {
    const iam = iamOf(cloud);
    const trust = JSON.parse(trusting()) as object;
    const document = (Action: string) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
    });
    const template = (more: { role?: object; send?: string; roles?: string[] } = {}): Resources => ({
      Role: [
        'AWS::IAM::Role',
        {
          RoleName: 'worker',
          AssumeRolePolicyDocument: trust,
          ManagedPolicyArns: [managed],
          Policies: [{ PolicyName: 'own', PolicyDocument: document('sqs:*') }],
          ...more.role,
        },
      ],
      Inline: [
        'AWS::IAM::Policy',
        {
          PolicyName: 'send',
          PolicyDocument: document(more.send ?? 'sqs:SendMessage'),
          Roles: more.roles ?? [{ Ref: 'Role' }],
        },
      ],
      Managed: [
        'AWS::IAM::ManagedPolicy',
        { ManagedPolicyName: 'm', PolicyDocument: document(more.send ?? 'sns:Publish'), Roles: [{ Ref: 'Role' }] },
      ],
      Profile: ['AWS::IAM::InstanceProfile', { InstanceProfileName: 'p', Roles: [{ Ref: 'Role' }] }],
      Group: ['AWS::IAM::Group', { GroupName: 'g' }],
      User: ['AWS::IAM::User', { UserName: 'u', Groups: [{ Ref: 'Group' }] }],
      Key: ['AWS::IAM::AccessKey', { UserName: { Ref: 'User' } }],
    });
    const report = await cloud.deploy(template());
    expect(report.resources[0].attributes).toEqual({
      Arn: `arn:aws:iam::${ACCOUNT}:role/worker`,
      RoleId: expect.stringMatching(/^AROA/) as string,
    });
    const state = async () => {
      const [attached, inline] = await Promise.all([
        iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName: 'worker' })),
        iam.send(new sdk.ListRolePoliciesCommand({ RoleName: 'worker' })),
      ]);
      return [attached.AttachedPolicies?.map(({ PolicyName }) => PolicyName).sort(), inline.PolicyNames];
    };
    expect(await state()).toEqual([
      ['AWSLambdaBasicExecutionRole', 'm'],
      ['own', 'send'],
    ]);
    await cloud.deploy(
      template({
        role: { ManagedPolicyArns: [], Policies: [], Description: 'changed', MaxSessionDuration: 7_200 },
        send: 'sqs:ReceiveMessage',
      }),
    );
    expect(await state()).toEqual([['m'], ['send']]);
    const { Policy: made } = await iam.send(
      new sdk.GetPolicyCommand({ PolicyArn: `arn:aws:iam::${ACCOUNT}:policy/m` }),
    );
    expect(made?.DefaultVersionId).toBe('v2');
    expect((await iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' }))).Role).toMatchObject({
      Description: 'changed',
      MaxSessionDuration: 7_200,
    });
    await cloud.deploy(template({ role: { RoleName: 'renamed' }, roles: ['imported'] }));
    await expectRefused(
      iam.send(new sdk.GetRoleCommand({ RoleName: 'worker' })),
      noSuch('The role with name worker cannot be found.'),
    );
    expect(
      (await iam.send(new sdk.GetInstanceProfileCommand({ InstanceProfileName: 'p' }))).InstanceProfile?.Roles,
    ).toMatchObject([{ RoleName: 'renamed' }]);
    await cloud.emulator.unload('Test');
    for (const { Roles, Users, Groups, InstanceProfiles } of [
      {
        ...(await iam.send(new sdk.ListRolesCommand({}))),
        ...(await iam.send(new sdk.ListUsersCommand({}))),
        ...(await iam.send(new sdk.ListGroupsCommand({}))),
        ...(await iam.send(new sdk.ListInstanceProfilesCommand({}))),
      },
    ]) {
      expect([Roles, Users, Groups, InstanceProfiles]).toEqual([[], [], [], []]);
    }
    expect((await iam.send(new sdk.ListPoliciesCommand({ Scope: 'Local' }))).Policies).toEqual([]);
  },
});

test("CDK's roles, users and policies load as synthesized", async () => {
  const stack = new Stack(new App(), 'Identities');
  const role = new Role(stack, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaBasicExecutionRole')],
  });
  role.addToPolicy(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: ['*'] }));
  const imported = Role.fromRoleArn(stack, 'Imported', `arn:aws:iam::${ACCOUNT}:role/elsewhere`);
  imported.addToPrincipalPolicy(new PolicyStatement({ actions: ['sqs:ReceiveMessage'], resources: ['*'] }));
  new User(stack, 'User', { groups: [new Group(stack, 'Group')] });
  await using cloud = await LocalCloud.fromStack(stack);
  const iam = new sdk.IAMClient(cloud.clientConfig());
  const { Roles = [] } = await iam.send(new sdk.ListRolesCommand({}));
  expect(Roles).toHaveLength(1);
  const RoleName = Roles[0].RoleName;
  expect((await iam.send(new sdk.ListRolePoliciesCommand({ RoleName }))).PolicyNames).toHaveLength(1);
  expect((await iam.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName }))).AttachedPolicies).toHaveLength(1);
});
