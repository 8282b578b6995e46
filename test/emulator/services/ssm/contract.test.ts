import { DecryptCommand, DisableKeyCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as sdk from '@aws-sdk/client-ssm';
import { ACCOUNT, contract, type ContractCloud, expectRefused, REGION } from '../../../support/contract-cloud';

/** A client's calls, by their shortest names. */
function ssmOf(cloud: ContractCloud) {
  const ssm = cloud.client(sdk.SSMClient);
  return {
    ssm,
    put: (Name: string, Value = 'v', more: Partial<sdk.PutParameterCommandInput> = {}) =>
      ssm.send(new sdk.PutParameterCommand({ Name, Value, Type: 'String', ...more })),
    overwrite: (Name: string, Value = 'v', more: Partial<sdk.PutParameterCommandInput> = {}) =>
      ssm.send(new sdk.PutParameterCommand({ Name, Value, Overwrite: true, ...more })),
    get: async (Name: string, WithDecryption = false) =>
      (await ssm.send(new sdk.GetParameterCommand({ Name, WithDecryption }))).Parameter,
    label: (Name: string, Labels: string[], ParameterVersion?: number) =>
      ssm.send(new sdk.LabelParameterVersionCommand({ Name, Labels, ParameterVersion })),
  };
}

const validation = (message?: string | RegExp) => ({ name: 'ValidationException', message });
const arnOf = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/${name}`;

contract('§21.1 putting', {
  'a parameter, and its next version with Overwrite': async (cloud) => {
    const { put, overwrite, get } = ssmOf(cloud);
    expect(await put('/app/url', 'a', { Description: 'where' })).toMatchObject({ Version: 1, Tier: 'Standard' });
    await expectRefused(put('/app/url', 'b'), {
      name: 'ParameterAlreadyExists',
      message:
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    });
    await cloud.advance(1_000);
    expect(await overwrite('/app/url', 'b')).toMatchObject({ Version: 2 });
    expect(await get('/app/url')).toEqual({
      Name: '/app/url',
      Type: 'String',
      Value: 'b',
      Version: 2,
      LastModifiedDate: new Date(cloud.now),
      ARN: arnOf('app/url'),
      DataType: 'text',
    });
    await expectRefused(
      overwrite('/app/url', 'c', { Tags: [{ Key: 'a', Value: 'b' }] }),
      validation(/tags and overwrite/),
    );
    await expectRefused(overwrite('/app/url', 'c', { Type: 'StringList' }), { name: 'HierarchyTypeMismatchException' });
    await expectRefused(
      overwrite('/app/other'),
      validation('A parameter type is required when you create a parameter.'),
    );
  },
  'names that AWS refuses': async (cloud) => {
    const { put } = ssmOf(cloud);
    await put('a'.repeat(2_048));
    await expectRefused(put('a'.repeat(2_049)), validation(/'name' failed to satisfy constraint/));
    await put(`/${Array.from({ length: 15 }, () => 'a').join('/')}`);
    const deep = put(`/${Array.from({ length: 16 }, () => 'a').join('/')}`);
    await expectRefused(deep, { name: 'HierarchyLevelLimitExceededException' });
    for (const name of ['aws-x', 'AWSx', 'ssm-x', '/ssm/x', '/a b', '/a//b', '/a/'])
      await expectRefused(put(name), validation());
    await expectRefused(put('a/b'), validation('Parameter name must be a fully qualified name.'));
    await expectRefused(put('/aws/x'), { name: 'AccessDeniedException' });
  },
  'tiers and the sizes of values, at their boundary': async (cloud) => {
    const { put, overwrite } = ssmOf(cloud);
    expect(await put('s', 'x'.repeat(4_096))).toMatchObject({ Tier: 'Standard' });
    await expectRefused(
      put('t', 'x'.repeat(4_097)),
      validation(/^Standard tier parameters support a maximum parameter value of 4096/),
    );
    expect(await put('a', 'x'.repeat(8_192), { Tier: 'Advanced' })).toMatchObject({ Tier: 'Advanced' });
    await expectRefused(put('b', 'x'.repeat(8_193), { Tier: 'Advanced' }), validation(/8192 characters/));
    expect(await put('i', 'x', { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Standard' });
    expect(await overwrite('i', 'x'.repeat(4_097), { Tier: 'Intelligent-Tiering' })).toMatchObject({
      Tier: 'Advanced',
    });
    await expectRefused(overwrite('a', 'x', { Tier: 'Standard' }), validation(/You can't downgrade a parameter/));
    expect(await overwrite('a', 'x')).toMatchObject({ Tier: 'Advanced' });
  },
  'patterns, types and data types': async (cloud) => {
    const { put, overwrite } = ssmOf(cloud);
    await put('n', '12', { AllowedPattern: '\\d+' });
    await expectRefused(overwrite('n', '12x'), {
      name: 'ParameterPatternMismatchException',
      message: 'Parameter value, cannot be validated against allowedPattern: \\d+',
    });
    await expectRefused(put('p', 'x', { AllowedPattern: '(' }), { name: 'InvalidAllowedPatternException' });
    const enumeration =
      /at 'type' failed to satisfy constraint: Member must satisfy enum value set: \[SecureString, StringList, String\]/;
    await expectRefused(put('q', 'x', { Type: 'Text' as never }), validation(enumeration));
    await expectRefused(put('q', 'x', { DataType: 'number' }), validation());
    await expectRefused(put('q', ''), validation(/'value' failed to satisfy constraint/));
  },
  'a policy lets a parameter expire': async (cloud) => {
    const { put, get } = ssmOf(cloud);
    const Timestamp = new Date(cloud.now + 60_000).toISOString();
    const Policies = JSON.stringify([{ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp } }]);
    await expectRefused(put('e', 'x', { Policies }), validation(/advanced-parameter tier/));
    await put('e', 'x', { Policies, Tier: 'Advanced' });
    await cloud.advance(59_999);
    expect(await get('e')).toMatchObject({ Value: 'x' });
    await cloud.advance(1);
    await expectRefused(get('e'), { name: 'ParameterNotFound' });
    const unknown = JSON.stringify([{ Type: 'Forever', Version: '1.0', Attributes: {} }]);
    await expectRefused(put('f', 'x', { Policies: unknown, Tier: 'Advanced' }), { name: 'InvalidPolicyTypeException' });
  },
});

contract('§21.2 versions and labels', {
  'a version is read by its number or a label': async (cloud) => {
    const { put, overwrite, get, label } = ssmOf(cloud);
    await put('/p', 'one');
    await overwrite('/p', 'two');
    expect(await label('/p', ['prod', '1st', 'awsome', 'a b'], 1)).toMatchObject({
      ParameterVersion: 1,
      InvalidLabels: ['1st', 'awsome', 'a b'],
    });
    expect(await get('/p:1')).toMatchObject({ Value: 'one', Selector: ':1', Version: 1 });
    expect(await get(`${arnOf('p')}:prod`)).toMatchObject({ Value: 'one', Selector: ':prod' });
    await label('/p', ['prod']);
    expect(await get('/p:prod')).toMatchObject({ Value: 'two' });
    await expectRefused(get('/p:3'), {
      name: 'ParameterVersionNotFound',
      message: 'Systems Manager could not find version 3 of /p. Verify the version and try again.',
    });
    const labels = Array.from({ length: 10 }, (_, index) => `l${index}`);
    await expectRefused(label('/p', labels), { name: 'ParameterVersionLabelLimitExceeded' });
    await label('/p', labels, 1);
    const { ssm } = ssmOf(cloud);
    const unlabel = new sdk.UnlabelParameterVersionCommand({ Name: '/p', ParameterVersion: 1, Labels: ['l0', 'none'] });
    expect(await ssm.send(unlabel)).toMatchObject({ RemovedLabels: ['l0'], InvalidLabels: ['none'] });
  },
  'a hundred versions are kept, and a labelled one is not dropped': async (cloud) => {
    const { ssm, put, overwrite, label } = ssmOf(cloud);
    await put('p', '1');
    for (let version = 2; version <= 101; version++) await overwrite('p', String(version));
    const history = async () => {
      const found: (string | undefined)[] = [];
      const pages = sdk.paginateGetParameterHistory({ client: ssm, pageSize: 50 }, { Name: 'p' });
      for await (const { Parameters = [] } of pages) found.push(...Parameters.map(({ Value }) => Value));
      return found;
    };
    expect(await history()).toEqual(Array.from({ length: 100 }, (_, index) => String(index + 2)));
    await label('p', ['kept'], 2);
    await expectRefused(overwrite('p'), {
      name: 'ParameterMaxVersionLimitExceeded',
      message: /Version 2, the oldest version/,
    });
    await label('p', ['kept']);
    expect(await overwrite('p')).toMatchObject({ Version: 102 });
  },
});

contract('§21.3 reading', {
  'several at once, and those that are missing': async (cloud) => {
    const { ssm, put, get } = ssmOf(cloud);
    await put('a');
    await put('b');
    const names = { Names: ['a', 'none', 'b:1', 'b:9'] };
    const { Parameters, InvalidParameters } = await ssm.send(new sdk.GetParametersCommand(names));
    expect([Parameters?.map(({ Name }) => Name), InvalidParameters]).toEqual([
      ['a', 'b'],
      ['none', 'b:9'],
    ]);
    const eleven = new sdk.GetParametersCommand({ Names: Array.from({ length: 11 }, () => 'a') });
    await expectRefused(ssm.send(eleven), validation(/Member must have length less than or equal to 10/));
    expect(await ssm.send(new sdk.DeleteParametersCommand({ Names: ['a', 'none'] }))).toMatchObject({
      DeletedParameters: ['a'],
      InvalidParameters: ['none'],
    });
    await expectRefused(get('a'), { name: 'ParameterNotFound' });
    await ssm.send(new sdk.DeleteParameterCommand({ Name: 'b' }));
    await expectRefused(ssm.send(new sdk.DeleteParameterCommand({ Name: 'b' })), { name: 'ParameterNotFound' });
  },
  'a hierarchy, by path, in pages and with filters': async (cloud) => {
    const { ssm, put, label } = ssmOf(cloud);
    for (let index = 0; index < 12; index++) await put(`/app/p${String(index).padStart(2, '0')}`, String(index));
    await put('/app/db/host', 'h', { Type: 'StringList' });
    await put('/application', 'no');
    await label('/app/p03', ['live']);
    const under = async (input: Partial<sdk.GetParametersByPathCommandInput>) => {
      const found: (string | undefined)[] = [];
      for await (const { Parameters = [] } of sdk.paginateGetParametersByPath(
        { client: ssm },
        { Path: '/app', ...input },
      ))
        found.push(...Parameters.map(({ Name }) => Name));
      return found;
    };
    expect(await under({})).toHaveLength(12);
    expect(await under({ Recursive: true })).toHaveLength(13);
    expect(await under({ Recursive: true, ParameterFilters: [{ Key: 'Type', Values: ['StringList'] }] })).toEqual([
      '/app/db/host',
    ]);
    expect(await under({ ParameterFilters: [{ Key: 'Label', Values: ['live'] }] })).toEqual(['/app/p03']);
    expect(await under({ Path: '/none' })).toEqual([]);
    await expectRefused(
      under({ Path: 'app' }),
      validation(/^The parameter doesn't meet the parameter name requirements/),
    );
    await expectRefused(under({ ParameterFilters: [{ Key: 'Name', Values: ['x'] }] }), { name: 'InvalidFilterKey' });
    await expectRefused(under({ MaxResults: 11 }), validation(/'maxResults'/));
    const described = await ssm.send(
      new sdk.DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Option: 'Contains', Values: ['db'] }] }),
    );
    expect(described.Parameters).toMatchObject([
      { Name: '/app/db/host', Type: 'StringList', Tier: 'Standard', Version: 1, Policies: [] },
    ]);
    expect(described.Parameters?.[0]).not.toHaveProperty('Value');
  },
  'a secure string is encrypted by KMS, in both tiers': async (cloud) => {
    const { put, get, overwrite } = ssmOf(cloud);
    const kms = cloud.client(KMSClient);
    await put('/secret', 'hush', { Type: 'SecureString' });
    const sealed = (await get('/secret'))?.Value ?? '';
    expect(sealed).not.toContain('hush');
    const EncryptionContext = { PARAMETER_ARN: arnOf('secret') };
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: Buffer.from(sealed, 'base64'), EncryptionContext }),
    );
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('hush');
    expect(await get('/secret', true)).toMatchObject({ Value: 'hush', Type: 'SecureString' });
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const long = 'é'.repeat(4_000);
    await overwrite('/secret', long, { Tier: 'Advanced', KeyId: KeyMetadata?.KeyId });
    expect(await get('/secret', true)).toMatchObject({ Value: long });
    await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }));
    await expectRefused(get('/secret', true), { name: 'DisabledException' });
    await expectRefused(put('/other', 'x', { Type: 'SecureString', KeyId: 'alias/none' }), { name: 'InvalidKeyId' });
  },
  'tags, and what AWS publishes': async (cloud) => {
    const { ssm, put, get } = ssmOf(cloud);
    await put('t', 'v', { Tags: [{ Key: 'a', Value: '1' }] });
    const resource = { ResourceType: 'Parameter', ResourceId: 't' } as const;
    await ssm.send(new sdk.AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'b', Value: '2' }] }));
    await ssm.send(new sdk.RemoveTagsFromResourceCommand({ ...resource, TagKeys: ['a'] }));
    expect((await ssm.send(new sdk.ListTagsForResourceCommand(resource))).TagList).toEqual([{ Key: 'b', Value: '2' }]);
    await expectRefused(ssm.send(new sdk.ListTagsForResourceCommand({ ...resource, ResourceId: 'none' })), {
      name: 'InvalidResourceId',
    });
    expect(await get('/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64')).toMatchObject({
      Value: expect.stringMatching(/^ami-[0-9a-f]{17}$/) as string,
    });
  },
});

contract('§9 parameters in templates', {
  'are created, updated, replaced and deleted, and read by dynamic references with a version': async (cloud) => {
    const { ssm, get } = ssmOf(cloud);
    const parameter = (properties: object) =>
      ['AWS::SSM::Parameter', { Name: '/t', Type: 'String', Value: 'one', Tags: { a: '1' }, ...properties }] as const;
    const report = await cloud.deploy({ P: [...parameter({ Description: 'd' })] as [string, Record<string, unknown>] });
    expect(report.resources[0]).toMatchObject({
      physicalId: '/t',
      status: 'emulated',
      attributes: { Type: 'String', Value: 'one', Arn: arnOf('t') },
    });
    await cloud.deploy({ P: [...parameter({ Value: 'two', Tags: { b: '2' } })] as [string, Record<string, unknown>] });
    expect(await get('/t')).toMatchObject({ Value: 'two', Version: 2 });
    const { TagList = [] } = await ssm.send(
      new sdk.ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: '/t' }),
    );
    expect(TagList.filter(({ Key }) => Key?.startsWith('aws:') === false)).toEqual([{ Key: 'b', Value: '2' }]);
    const { Parameters } = await ssm.send(new sdk.DescribeParametersCommand({}));
    expect(Parameters?.[0].Description ?? '').toBe('');
    await cloud.deploy({
      P: [...parameter({ Value: 'two' })] as [string, Record<string, unknown>],
      Q: ['AWS::SSM::Parameter', { Name: '/q', Type: 'String', Value: '{{resolve:ssm:/t:1}}+{{resolve:ssm:/t}}' }],
    });
    expect(await get('/q')).toMatchObject({ Value: 'one+two' });
    expect(cloud.emulator.status().parameters).toMatchObject([
      { name: '/q', version: 1, label: 'Q' },
      { name: '/t', version: 3, label: 'P' },
    ]);
    await cloud.emulator.unload('Test');
    await expectRefused(get('/t'), { name: 'ParameterNotFound' });
  },
});
