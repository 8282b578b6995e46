import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms';
import { ACCOUNT, failure, KmsInTest, PRINCIPAL, REGION } from './kms-in-test';

const DAY = 24 * 60 * 60_000;
const arnOf = (resource: string) => `arn:aws:kms:${REGION}:${ACCOUNT}:${resource}`;
const bytes = (text: string) => Buffer.from(text);
const textOf = (data: Uint8Array | undefined) => Buffer.from(data ?? []).toString();

describe('keys', () => {
  test('a new key is symmetric, enabled, and has the policy that AWS gives', async () => {
    const { kms, clock } = new KmsInTest();
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({ Description: 'jobs' }));
    expect(key).toMatchObject({
      AWSAccountId: ACCOUNT,
      Arn: arnOf(`key/${key?.KeyId}`),
      CreationDate: new Date(Math.floor(clock.now() / 1_000) * 1_000),
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      Description: 'jobs',
      Enabled: true,
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    });
    expect(key?.KeyId).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    const described = await kms.send(new DescribeKeyCommand({ KeyId: key?.Arn }));
    expect(described.KeyMetadata).toEqual(key);
    const { Policy, PolicyName } = await kms.send(new GetKeyPolicyCommand({ KeyId: key?.KeyId }));
    expect(PolicyName).toBe('default');
    expect(JSON.parse(Policy ?? '')).toMatchObject({
      Id: 'key-default-1',
      Statement: [{ Effect: 'Allow', Principal: { AWS: PRINCIPAL }, Action: 'kms:*', Resource: '*' }],
    });
  });

  test('the same seed makes the same keys and ciphertexts', async () => {
    const make = async () => {
      const { kms } = new KmsInTest({ seed: 5 });
      const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}));
      return kms.send(new GenerateDataKeyCommand({ KeyId: key?.KeyId, KeySpec: 'AES_256' }));
    };
    const [{ $metadata: _one, ...first }, { $metadata: _other, ...second }] = [await make(), await make()];
    expect(second).toEqual(first);
  });

  test('listed page by page', async () => {
    const test = new KmsInTest();
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.push((await test.createKey()).id);
    const listed: string[] = [];
    let marker: string | undefined;
    let pages = 0;
    do {
      const page = await test.kms.send(new ListKeysCommand({ Limit: 2, Marker: marker }));
      listed.push(...(page.Keys ?? []).map(({ KeyId = '' }) => KeyId));
      expect(page.Truncated).toBe(page.NextMarker !== undefined);
      marker = page.NextMarker;
      pages++;
    } while (marker !== undefined);
    expect(pages).toBe(3);
    expect(listed).toEqual(ids.sort());
    expect(await failure(test.kms.send(new ListKeysCommand({ Marker: 'x' })))).toMatchObject({
      name: 'InvalidMarkerException',
    });
  });

  test('the ways in which no key is found', async () => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    const describeKey = (KeyId: string) => failure(test.kms.send(new DescribeKeyCommand({ KeyId })));
    const missing = '11111111-2222-3333-4444-555555555555';
    expect(await describeKey(missing)).toEqual({
      name: 'NotFoundException',
      message: `Key '${arnOf(`key/${missing}`)}' does not exist`,
      status: 400,
    });
    expect(await describeKey('fake-key-id')).toMatchObject({ message: "Invalid keyId 'fake-key-id'" });
    expect(await describeKey('alias/none')).toMatchObject({
      name: 'NotFoundException',
      message: `Alias ${arnOf('alias/none')} is not found.`,
    });
    expect(await describeKey(`arn:aws:kms:us-west-2:${ACCOUNT}:key/${id}`)).toMatchObject({
      message: 'Invalid arn us-west-2',
    });
    // Only what uses a key takes an alias; what manages it does not.
    await test.kms.send(new CreateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: id }));
    expect(await failure(test.kms.send(new DisableKeyCommand({ KeyId: 'alias/jobs' })))).toMatchObject({
      message: "Invalid keyId 'alias/jobs'",
    });
  });

  test.each<[string, CreateKeyCommandInput, string, string]>([
    ['an unknown spec', { KeySpec: 'HMAC_random' as 'HMAC_224' }, 'ValidationException', "at 'keySpec' failed"],
    ['no usage', { KeySpec: 'HMAC_256' }, 'ValidationException', 'You must specify a KeyUsage value'],
    [
      'a usage that does not fit',
      { KeySpec: 'HMAC_256', KeyUsage: 'SIGN_VERIFY' },
      'ValidationException',
      'KeyUsage SIGN_VERIFY is not compatible with KeySpec HMAC_256',
    ],
    [
      'a key pair to encrypt with',
      { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' },
      'UnsupportedOperationException',
      'KeySpec RSA_2048 with KeyUsage ENCRYPT_DECRYPT is not emulated',
    ],
    ['a key store', { CustomKeyStoreId: 'cks-1' }, 'CustomKeyStoreNotFoundException', 'cks-1'],
    ['an HSM', { Origin: 'AWS_CLOUDHSM' }, 'UnsupportedOperationException', 'Origin AWS_CLOUDHSM is not emulated'],
    ['a policy that is none', { Policy: '{' }, 'MalformedPolicyDocumentException', 'not valid JSON'],
    ['a large policy', { Policy: ' '.repeat(32_769) }, 'LimitExceededException', '32768 bytes'],
    ['a tag of AWS', { Tags: [{ TagKey: 'aws:x', TagValue: '' }] }, 'TagException', 'reserved'],
    [
      'a long tag',
      { Tags: [{ TagKey: 'k'.repeat(129), TagValue: '' }] },
      'ValidationException',
      "at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128",
    ],
  ])('not created: %s', async (_what, input, name, message) => {
    const { kms } = new KmsInTest();
    const refused = await failure(kms.send(new CreateKeyCommand(input)));
    expect(refused).toMatchObject({ name, message: expect.stringContaining(message) as string });
    expect((await kms.send(new ListKeysCommand({}))).Keys).toEqual([]);
  });

  test('keys of other kinds exist, and refuse to encrypt', async () => {
    const { kms } = new KmsInTest();
    const { KeyMetadata: signer } = await kms.send(
      new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    );
    expect(signer).toMatchObject({ SigningAlgorithms: ['ECDSA_SHA_256'] });
    expect(signer).not.toHaveProperty('EncryptionAlgorithms');
    expect(
      await failure(kms.send(new GenerateDataKeyCommand({ KeyId: signer?.KeyId, KeySpec: 'AES_256' }))),
    ).toMatchObject({
      name: 'InvalidKeyUsageException',
      message: `${signer?.Arn} key usage is SIGN_VERIFY which is not valid for GenerateDataKey.`,
    });
    const sign = new SignCommand({ KeyId: signer?.KeyId, Message: bytes('x'), SigningAlgorithm: 'ECDSA_SHA_256' });
    expect(await failure(kms.send(sign))).toMatchObject({ name: 'UnknownOperationException' });

    const { KeyMetadata: imported } = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL' }));
    expect(imported).toMatchObject({ KeyState: 'PendingImport', Enabled: false });
    const encrypt = new EncryptCommand({ KeyId: imported?.KeyId, Plaintext: bytes('x') });
    expect(await failure(kms.send(encrypt))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${imported?.Arn} is pending import.`,
    });

    const { KeyMetadata: mrk } = await kms.send(new CreateKeyCommand({ MultiRegion: true }));
    expect(mrk?.KeyId).toMatch(/^mrk-[0-9a-f]{32}$/);
    expect(mrk?.MultiRegionConfiguration).toMatchObject({ MultiRegionKeyType: 'PRIMARY', ReplicaKeys: [] });
    await kms.send(new EncryptCommand({ KeyId: mrk?.Arn, Plaintext: bytes('x') }));
  });

  test('policy, tags and description can be changed', async () => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    await test.kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy }));
    expect((await test.kms.send(new GetKeyPolicyCommand({ KeyId: id }))).Policy).toBe(Policy);
    expect((await test.kms.send(new ListKeyPoliciesCommand({ KeyId: id }))).PolicyNames).toEqual(['default']);
    expect(await failure(test.kms.send(new PutKeyPolicyCommand({ KeyId: id, Policy: '[]' })))).toMatchObject({
      name: 'MalformedPolicyDocumentException',
    });
    expect(await failure(test.kms.send(new GetKeyPolicyCommand({ KeyId: id, PolicyName: 'mine' })))).toMatchObject({
      name: 'NotFoundException',
      message: 'No such policy exists',
    });
    const Tags = ['a', 'b'].map((name) => ({ TagKey: name, TagValue: `${name}1` }));
    await test.kms.send(new TagResourceCommand({ KeyId: id, Tags }));
    await test.kms.send(new UntagResourceCommand({ KeyId: id, TagKeys: ['a'] }));
    expect((await test.kms.send(new ListResourceTagsCommand({ KeyId: id }))).Tags).toEqual([Tags[1]]);
    const many = Array.from({ length: 49 }, (_, i) => ({ TagKey: `t${i}`, TagValue: '' }));
    const more = [...many, { TagKey: 't49', TagValue: '' }];
    expect(await failure(test.kms.send(new TagResourceCommand({ KeyId: id, Tags: more })))).toMatchObject({
      name: 'TagException',
      message: 'Too many tags',
    });
    await test.kms.send(new TagResourceCommand({ KeyId: id, Tags: many }));
    const twice = [Tags[0], { ...Tags[0], TagValue: 'other' }];
    for (const refused of [
      test.kms.send(new TagResourceCommand({ KeyId: id, Tags: twice })),
      test.kms.send(new CreateKeyCommand({ Tags: twice })),
    ]) {
      expect(await failure(refused)).toMatchObject({ name: 'TagException', message: 'Duplicate tag keys' });
    }
    await test.kms.send(new UpdateKeyDescriptionCommand({ KeyId: id, Description: 'new' }));
    const { KeyMetadata } = await test.kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(KeyMetadata?.Description).toBe('new');
  });
});

describe("a key's states", () => {
  test('a disabled key is rejected; enabled again, it decrypts', async () => {
    const test = new KmsInTest();
    const { id, arn } = await test.createKey();
    const { CiphertextBlob } = await test.kms.send(new EncryptCommand({ KeyId: id, Plaintext: bytes('secret') }));
    await test.kms.send(new DisableKeyCommand({ KeyId: id }));
    const refusal = { name: 'DisabledException', message: `${arn} is disabled.`, status: 400 };
    expect(await failure(test.kms.send(new DecryptCommand({ CiphertextBlob })))).toEqual(refusal);
    expect(await failure(test.kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' })))).toEqual(
      refusal,
    );
    expect(await failure(test.kms.send(new EnableKeyRotationCommand({ KeyId: id })))).toEqual(refusal);
    await test.kms.send(new EnableKeyCommand({ KeyId: id }));
    expect(textOf((await test.kms.send(new DecryptCommand({ CiphertextBlob }))).Plaintext)).toBe('secret');
    expect(test.kmsEvents().map(({ kind, detail }) => [kind, detail.state ?? detail.error])).toEqual([
      ['kms.encrypt', undefined],
      ['kms.state', 'Disabled'],
      ['kms.decrypt', 'DisabledException'],
      ['kms.generateDataKey', 'DisabledException'],
      ['kms.state', 'Enabled'],
      ['kms.decrypt', undefined],
    ]);
  });

  test('its deletion waits on the clock, can be called off, and takes its aliases and ciphertexts with it', async () => {
    const test = new KmsInTest();
    const { kms, clock } = test;
    const { id, arn } = await test.createKey();
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: id }));
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: 'alias/jobs', Plaintext: bytes('secret') }));
    expect(
      await failure(kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 6 }))),
    ).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value '6' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value greater than or equal to 7",
    });
    expect(await failure(kms.send(new CancelKeyDeletionCommand({ KeyId: id })))).toMatchObject({
      name: 'KMSInvalidStateException',
      message: `${arn} is not pending deletion.`,
    });
    const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyId: arn, KeyState: 'PendingDeletion', PendingWindowInDays: 7 });
    expect(scheduled.DeletionDate?.getTime()).toBeCloseTo(clock.now() + 7 * DAY, -3);
    const pending = { name: 'KMSInvalidStateException', message: `${arn} is pending deletion.` };
    for (const refused of [
      new DecryptCommand({ CiphertextBlob }),
      new EnableKeyCommand({ KeyId: id }),
      new DisableKeyCommand({ KeyId: id }),
      new ScheduleKeyDeletionCommand({ KeyId: id }),
      new CreateAliasCommand({ AliasName: 'alias/more', TargetKeyId: id }),
    ]) {
      // One command at a time, whichever it is.
      expect(await failure(kms.send(refused as DecryptCommand))).toMatchObject(pending);
    }
    await clock.advance(6 * DAY);
    expect(await kms.send(new CancelKeyDeletionCommand({ KeyId: id }))).toMatchObject({ KeyId: arn });
    await clock.advance(2 * DAY);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: id }));
    expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false });
    expect(KeyMetadata).not.toHaveProperty('DeletionDate');

    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: id }));
    await clock.advance(30 * DAY);
    expect(await failure(kms.send(new DescribeKeyCommand({ KeyId: id })))).toMatchObject({ name: 'NotFoundException' });
    expect((await kms.send(new ListAliasesCommand({}))).Aliases).toEqual([]);
    expect(await failure(kms.send(new DecryptCommand({ CiphertextBlob })))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(/^The ciphertext refers to a customer master key that does not exist/) as string,
      status: 400,
    });
    expect(test.counts()['kms.deleted']).toBe(1);
  });

  test('rotation gives it new material when it is due; old ciphertexts still open', async () => {
    const test = new KmsInTest();
    const { kms, clock } = test;
    const { id, arn } = await test.createKey();
    const status = async () => {
      const { $metadata: _, ...rest } = await kms.send(new GetKeyRotationStatusCommand({ KeyId: id }));
      return rest;
    };
    expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false });
    expect(
      await failure(kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 2_561 }))),
    ).toMatchObject({ message: expect.stringContaining("at 'rotationPeriodInDays'") as string });
    await kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
    const before = await kms.send(new EncryptCommand({ KeyId: id, Plaintext: bytes('old') }));
    const { KeyMaterialId: first } = await kms.send(new GenerateDataKeyCommand({ KeyId: id, NumberOfBytes: 8 }));
    await clock.advance(91 * DAY);
    const { KeyMaterialId: second } = await kms.send(new GenerateDataKeyCommand({ KeyId: id, NumberOfBytes: 8 }));
    expect(second).not.toBe(first);
    expect(await status()).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
    expect((await status()).NextRotationDate?.getTime()).toBeGreaterThan(clock.now() + 88 * DAY);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: before.CiphertextBlob }));
    expect(textOf(opened.Plaintext)).toBe('old');
    expect(opened.KeyMaterialId).toBe(first);
    await kms.send(new DisableKeyRotationCommand({ KeyId: id }));
    expect(await status()).toEqual({ KeyId: arn, KeyRotationEnabled: false });
  });
});

describe('aliases', () => {
  test('name a key, and another one after an update', async () => {
    const test = new KmsInTest();
    const [one, other] = [await test.createKey(), await test.createKey()];
    await test.kms.send(new CreateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: one.id }));
    const target = async (KeyId: string) => (await test.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyId;
    expect(await target('alias/jobs')).toBe(one.id);
    expect(await target(arnOf('alias/jobs'))).toBe(one.id);
    await test.clock.advance(1_000);
    await test.kms.send(new UpdateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: other.arn }));
    expect(await target('alias/jobs')).toBe(other.id);
    const { Aliases = [] } = await test.kms.send(new ListAliasesCommand({ KeyId: other.id }));
    expect(Aliases).toEqual([
      expect.objectContaining({
        AliasName: 'alias/jobs',
        AliasArn: arnOf('alias/jobs'),
        TargetKeyId: other.id,
      }),
    ]);
    expect(Aliases[0].LastUpdatedDate?.getTime()).toBeGreaterThan(Aliases[0].CreationDate?.getTime() ?? Infinity);
    expect((await test.kms.send(new ListAliasesCommand({ KeyId: one.id }))).Aliases).toEqual([]);
    await test.kms.send(new DeleteAliasCommand({ AliasName: 'alias/jobs' }));
    expect(await failure(test.kms.send(new DeleteAliasCommand({ AliasName: 'alias/jobs' })))).toMatchObject({
      name: 'NotFoundException',
    });
  });

  test.each([
    ['jobs', 'ValidationException', /^Alias must start with the prefix "alias\/"/],
    ['alias/a b', 'ValidationException', /regular expression pattern: \^\[a-zA-Z0-9:\/_-\]\+\$/],
    ['alias/a:b', 'ValidationException', /^alias\/a:b contains invalid characters for an alias$/],
    ['alias/aws/mine', 'NotAuthorizedException', /^/],
    [
      'alias/taken',
      'AlreadyExistsException',
      /^An alias with the name arn:aws:kms:eu-west-1:123456789012:alias\/taken already exists$/,
    ],
  ])('%s cannot be made', async (AliasName, name, message) => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    await test.kms.send(new CreateAliasCommand({ AliasName: 'alias/taken', TargetKeyId: id }));
    const refused = await failure(test.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: id })));
    expect(refused.name).toBe(name);
    expect(refused.message).toMatch(message);
  });

  test('an AWS managed key is created on first use, and only AWS can change it', async () => {
    const test = new KmsInTest();
    const { KeyMetadata: key } = await test.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/sqs' }));
    expect(key).toMatchObject({
      KeyManager: 'AWS',
      Description: 'Default key that protects my SQS messages when no other key is defined',
    });
    const again = await test.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/sqs' }));
    expect(again.KeyMetadata?.KeyId).toBe(key?.KeyId);
    expect(await failure(test.kms.send(new DisableKeyCommand({ KeyId: key?.KeyId })))).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(
        `User: ${PRINCIPAL} is not authorized to perform: kms:DisableKey on resource: ${key?.Arn}`,
      ) as string,
    });
    const rotation = await test.kms.send(new GetKeyRotationStatusCommand({ KeyId: key?.KeyId }));
    expect(rotation).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 });
    expect(await failure(test.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/none' })))).toMatchObject({
      name: 'NotFoundException',
    });
  });
});

describe('§7.1: data keys and ciphertexts', () => {
  test.each([
    [{ KeySpec: 'AES_256' as const }, 32],
    [{ KeySpec: 'AES_128' as const }, 16],
    [{ NumberOfBytes: 1_024 }, 1_024],
  ])('a data key by %j has %d bytes, and its ciphertext decrypts to it', async (how, length) => {
    const test = new KmsInTest();
    const { id, arn } = await test.createKey();
    const made = await test.kms.send(new GenerateDataKeyCommand({ KeyId: id, ...how }));
    expect(made.KeyId).toBe(arn);
    expect(made.Plaintext).toHaveLength(length);
    expect(Buffer.from(made.CiphertextBlob ?? []).includes(Buffer.from(made.Plaintext ?? []))).toBe(false);
    const opened = await test.kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened).toMatchObject({ KeyId: arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    expect(opened.Plaintext).toEqual(made.Plaintext);
  });

  test('without plaintext, there is only the ciphertext', async () => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    const made = await test.kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: id, KeySpec: 'AES_256' }));
    expect(made).not.toHaveProperty('Plaintext');
    expect((await test.kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }))).Plaintext).toHaveLength(
      32,
    );
  });

  test.each([
    [{}, 'Please specify either number of bytes or key spec.'],
    [{ KeySpec: 'AES_256' as const, NumberOfBytes: 32 }, 'Please specify either number of bytes or key spec.'],
    [{ NumberOfBytes: 0 }, 'Member must have value greater than or equal to 1'],
    [{ NumberOfBytes: 1_025 }, "Value '1025' at 'numberOfBytes' failed to satisfy constraint"],
  ])('no data key by %j', async (how, message) => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    const refused = await failure(test.kms.send(new GenerateDataKeyCommand({ KeyId: id, ...how })));
    expect(refused.name).toBe('ValidationException');
    expect(refused.message).toContain(message);
  });

  test('a ciphertext opens with its own context only, in any order, and not once it was tampered with', async () => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    const { CiphertextBlob } = await test.kms.send(
      new EncryptCommand({ KeyId: id, Plaintext: bytes('secret'), EncryptionContext: { queue: 'jobs', stage: 'x' } }),
    );
    const decrypt = (EncryptionContext?: Record<string, string>, blob = CiphertextBlob) =>
      test.kms.send(new DecryptCommand({ CiphertextBlob: blob, EncryptionContext }));
    expect(textOf((await decrypt({ stage: 'x', queue: 'jobs' })).Plaintext)).toBe('secret');
    expect(test.kmsEvents().at(-1)).toMatchObject({
      kind: 'kms.decrypt',
      subject: id,
      detail: { principal: PRINCIPAL, context: 'stage=x,queue=jobs' },
    });
    const others: (Record<string, string> | undefined)[] = [
      undefined,
      {},
      { queue: 'jobs' },
      { queue: 'jobs', stage: 'X' },
    ];
    for (const context of others) {
      expect(await failure(decrypt(context))).toMatchObject({ name: 'InvalidCiphertextException', status: 400 });
    }
    const context = { queue: 'jobs', stage: 'x' };
    const length = CiphertextBlob?.length ?? 0;
    for (const at of [0, 1, 2, 3, length - 30, length - 1]) {
      const tampered = Uint8Array.from(CiphertextBlob ?? []);
      tampered[at] ^= 0xff;
      expect(await failure(decrypt(context, tampered))).toMatchObject({ name: 'InvalidCiphertextException' });
    }
    expect(await failure(decrypt(context, bytes('garbage')))).toMatchObject({ name: 'InvalidCiphertextException' });
  });

  test('a caller may insist on the key', async () => {
    const test = new KmsInTest();
    const [one, other] = [await test.createKey(), await test.createKey()];
    const { CiphertextBlob } = await test.kms.send(new EncryptCommand({ KeyId: one.id, Plaintext: bytes('secret') }));
    const decrypt = (KeyId: string) => test.kms.send(new DecryptCommand({ CiphertextBlob, KeyId }));
    expect(textOf((await decrypt(one.arn)).Plaintext)).toBe('secret');
    expect(await failure(decrypt(other.id))).toEqual({
      name: 'IncorrectKeyException',
      message: 'The key ID in the request does not identify a CMK that can perform this operation.',
      status: 400,
    });
  });

  test('Encrypt accepts up to 4,096 bytes', async () => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    await test.kms.send(new EncryptCommand({ KeyId: id, Plaintext: new Uint8Array(4_096) }));
    expect(await failure(test.kms.send(new EncryptCommand({ KeyId: id, Plaintext: new Uint8Array(4_097) })))).toEqual({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
      status: 400,
    });
    const rsa = new EncryptCommand({ KeyId: id, Plaintext: bytes('x'), EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' });
    expect(await failure(test.kms.send(rsa))).toMatchObject({ name: 'InvalidKeyUsageException' });
  });

  test('a ciphertext can change its key and context without being seen', async () => {
    const test = new KmsInTest();
    const [from, to] = [await test.createKey(), await test.createKey()];
    const { CiphertextBlob } = await test.kms.send(
      new EncryptCommand({ KeyId: from.id, Plaintext: bytes('secret'), EncryptionContext: { a: '1' } }),
    );
    const moved = await test.kms.send(
      new ReEncryptCommand({
        CiphertextBlob,
        SourceEncryptionContext: { a: '1' },
        DestinationKeyId: to.id,
        DestinationEncryptionContext: { b: '2' },
      }),
    );
    expect(moved).toMatchObject({ SourceKeyId: from.arn, KeyId: to.arn });
    await test.kms.send(new ScheduleKeyDeletionCommand({ KeyId: from.id }));
    const opened = await test.kms.send(
      new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: '2' } }),
    );
    expect(textOf(opened.Plaintext)).toBe('secret');
  });

  test('the requests of one second are limited', async () => {
    const test = new KmsInTest({ limits: { symmetricRequestsPerSecond: 2 } });
    const { id } = await test.createKey();
    const generate = () => test.kms.send(new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256' }));
    await generate();
    await generate();
    expect(await failure(generate())).toMatchObject({ name: 'ThrottlingException' });
    await test.clock.advance(1_000);
    await generate();
  });

  test('a dry run reports whether a call would succeed', async () => {
    const test = new KmsInTest();
    const { id } = await test.createKey();
    const dry = new GenerateDataKeyCommand({ KeyId: id, KeySpec: 'AES_256', DryRun: true });
    expect(await failure(test.kms.send(dry))).toMatchObject({ name: 'DryRunOperationException', status: 412 });
    await test.kms.send(new DisableKeyCommand({ KeyId: id }));
    expect(await failure(test.kms.send(dry))).toMatchObject({ name: 'DisabledException' });
  });

  test('another account can use a key by its ARN, but not manage it', async () => {
    const test = new KmsInTest();
    const statement = (account: string) => ({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action: 'kms:*',
      Resource: '*',
    });
    const Policy = JSON.stringify({ Statement: ['000000000000', '999999999999'].map(statement) });
    const { arn } = await test.createKey({ Policy });
    const stranger = test.kmsOf('999999999999');
    const made = await stranger.send(new GenerateDataKeyCommand({ KeyId: arn, KeySpec: 'AES_256' }));
    expect(made.KeyId).toBe(arn);
    const opened = await stranger.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(opened.Plaintext).toEqual(made.Plaintext);
    expect(await failure(stranger.send(new DisableKeyCommand({ KeyId: arn })))).toMatchObject({
      name: 'NotFoundException',
    });
  });

  test('a denied caller gets AccessDeniedException, and the timeline records it', async () => {
    const test = new KmsInTest({ authorize: ({ action }) => action !== 'Decrypt' });
    const { id, arn } = await test.createKey();
    const { CiphertextBlob } = await test.kms.send(new EncryptCommand({ KeyId: id, Plaintext: bytes('secret') }));
    expect(await failure(test.kms.send(new DecryptCommand({ CiphertextBlob })))).toEqual({
      name: 'AccessDeniedException',
      message: `User: ${PRINCIPAL} is not authorized to perform: kms:Decrypt on resource: ${arn} because no resource-based policy allows the kms:Decrypt action`,
      status: 400,
    });
    expect(test.kmsEvents().at(-1)).toMatchObject({ kind: 'kms.decrypt', detail: { error: 'AccessDeniedException' } });
  });

  test('a missing member is named', async () => {
    const { kms } = new KmsInTest();
    const encrypt = new EncryptCommand({ KeyId: undefined, Plaintext: bytes('x') });
    expect(await failure(kms.send(encrypt))).toMatchObject({
      name: 'ValidationException',
      message:
        "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null",
    });
  });
});
