import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms';
import { failure, KmsInTest } from './kms-in-test';

// The exact ends of what KMS allows, and what changes when a key's state does.

const DAY = 24 * 60 * 60_000;
const SECOND = 1_000;
const bytes = (length: number) => Buffer.alloc(length, 'x');
const policyOf = (size: number) => {
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  return policy + ' '.repeat(size - policy.length);
};

type Attempt = (kms: KMSClient, id: string, value: number) => Promise<unknown>;

const LIMITS: [what: string, least: number, most: number, attempt: Attempt][] = [
  [
    'a data key has 1 to 1,024 bytes',
    1,
    1_024,
    (kms, KeyId, NumberOfBytes) => kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes })),
  ],
  [
    'a plaintext has 1 to 4,096 bytes',
    1,
    4_096,
    (kms, KeyId, length) => kms.send(new EncryptCommand({ KeyId, Plaintext: bytes(length) })),
  ],
  [
    'a deletion waits 7 to 30 days',
    7,
    30,
    (kms, KeyId, PendingWindowInDays) => kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })),
  ],
  [
    'a rotation period has 90 to 2,560 days',
    90,
    2_560,
    (kms, KeyId, RotationPeriodInDays) => kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays })),
  ],
  ['a page has 1 to 1,000 keys', 1, 1_000, (kms, _id, Limit) => kms.send(new ListKeysCommand({ Limit }))],
  ['a page has 1 to 100 aliases', 1, 100, (kms, _id, Limit) => kms.send(new ListAliasesCommand({ Limit }))],
  ['a page has 1 to 50 tags', 1, 50, (kms, KeyId, Limit) => kms.send(new ListResourceTagsCommand({ KeyId, Limit }))],
  [
    'a tag key has 1 to 128 characters',
    1,
    128,
    (kms, KeyId, length) =>
      kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'k'.repeat(length), TagValue: '' }] })),
  ],
];
const AT_MOST: [what: string, most: number, attempt: Attempt][] = [
  [
    'a tag value has up to 256 characters',
    256,
    (kms, KeyId, length) =>
      kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'k', TagValue: 'v'.repeat(length) }] })),
  ],
  [
    'a description has up to 8,192 characters',
    8_192,
    (kms, KeyId, length) => kms.send(new UpdateKeyDescriptionCommand({ KeyId, Description: 'd'.repeat(length) })),
  ],
  [
    'so has that of a new key',
    8_192,
    (kms, _id, length) => kms.send(new CreateKeyCommand({ Description: 'd'.repeat(length) })),
  ],
  [
    'a policy has up to 32,768 bytes',
    32_768,
    (kms, KeyId, size) => kms.send(new PutKeyPolicyCommand({ KeyId, Policy: policyOf(size) })),
  ],
  [
    'an alias has up to 256 characters',
    256,
    (kms, TargetKeyId, length) =>
      kms.send(new CreateAliasCommand({ TargetKeyId, AliasName: `alias/${'a'.repeat(length - 6)}` })),
  ],
];

test.each(LIMITS)('%s', async (_what, least, most, attempt) => {
  for (const value of [least, most]) {
    const t = new KmsInTest();
    await attempt(t.kms, (await t.createKey()).id, value);
  }
  const t = new KmsInTest();
  const { id } = await t.createKey();
  for (const value of [least - 1, most + 1]) {
    expect((await failure(attempt(t.kms, id, value))).name).toBe('ValidationException');
  }
});

test.each(AT_MOST)('%s', async (_what, most, attempt) => {
  const t = new KmsInTest();
  const { id } = await t.createKey();
  await attempt(t.kms, id, most);
  expect((await failure(attempt(t.kms, id, most + 1))).name).toMatch(/^(ValidationException|LimitExceededException)$/);
});

test('a ciphertext of 6,144 bytes is read, one of 6,145 is refused unread', async () => {
  const { kms } = new KmsInTest();
  const attempt = (length: number) => failure(kms.send(new DecryptCommand({ CiphertextBlob: bytes(length) })));
  expect((await attempt(6_144)).name).toBe('InvalidCiphertextException');
  expect((await attempt(6_145)).name).toBe('ValidationException');
});

test('without a limit, a page has 100 keys, 50 aliases or 50 tags', async () => {
  const t = new KmsInTest();
  const { id } = await t.createKey();
  for (let count = 1; count < 101; count++) await t.createKey();
  for (let count = 0; count < 51; count++) {
    await t.kms.send(new CreateAliasCommand({ AliasName: `alias/a${count}`, TargetKeyId: id }));
  }
  const Tags = Array.from({ length: 50 }, (_, index) => ({ TagKey: `k${index}`, TagValue: '' }));
  await t.kms.send(new TagResourceCommand({ KeyId: id, Tags }));
  const keys = await t.kms.send(new ListKeysCommand({}));
  expect(keys).toMatchObject({ Truncated: true });
  expect(keys.Keys).toHaveLength(100);
  const rest = await t.kms.send(new ListKeysCommand({ Marker: keys.NextMarker }));
  expect(rest).toMatchObject({ Truncated: false });
  expect(rest.Keys).toHaveLength(1);
  expect((await t.kms.send(new ListAliasesCommand({}))).Aliases).toHaveLength(50);
  expect(await t.kms.send(new ListResourceTagsCommand({ KeyId: id }))).toMatchObject({ Tags, Truncated: false });
});

test.each([
  [{ KeySpec: 'AES_256' as const }, 32],
  [{ KeySpec: 'AES_128' as const }, 16],
  [{ NumberOfBytes: 7 }, 7],
])('a data key of %j has %d bytes', async (size, length) => {
  const t = new KmsInTest();
  const { id } = await t.createKey();
  expect((await t.kms.send(new GenerateDataKeyCommand({ KeyId: id, ...size }))).Plaintext).toHaveLength(length);
});

test('requests are counted by the second, from its beginning', async () => {
  const t = new KmsInTest({ limits: { symmetricRequestsPerSecond: 2 } });
  const { id } = await t.createKey();
  const encrypt = () => t.kms.send(new EncryptCommand({ KeyId: id, Plaintext: bytes(1) }));
  await t.clock.advance(SECOND - 1);
  await encrypt();
  await encrypt();
  expect((await failure(encrypt())).name).toBe('ThrottlingException');
  await t.clock.advance(1);
  await encrypt();
  await encrypt();
  expect((await failure(encrypt())).name).toBe('ThrottlingException');
});

describe('rotation', () => {
  const materialOf = async ({ kms }: KmsInTest, KeyId: string) =>
    (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;

  test('comes after 365 days unless another period is given, at the very instant', async () => {
    const t = new KmsInTest();
    const { id } = await t.createKey();
    await t.kms.send(new EnableKeyRotationCommand({ KeyId: id }));
    const status = await t.kms.send(new GetKeyRotationStatusCommand({ KeyId: id }));
    expect(status).toMatchObject({
      RotationPeriodInDays: 365,
      NextRotationDate: new Date(t.clock.now() + 365 * DAY),
    });
    const first = await materialOf(t, id);
    await t.clock.advance(365 * DAY - 1);
    expect(await materialOf(t, id)).toBe(first);
    await t.clock.advance(1);
    expect(await materialOf(t, id)).not.toBe(first);
    const { NextRotationDate } = await t.kms.send(new GetKeyRotationStatusCommand({ KeyId: id }));
    expect(NextRotationDate).toEqual(new Date(t.clock.now() + 365 * DAY));
  });

  test('of a disabled key waits until the key is enabled', async () => {
    const t = new KmsInTest();
    const { id } = await t.createKey();
    await t.kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
    const first = await materialOf(t, id);
    await t.kms.send(new DisableKeyCommand({ KeyId: id }));
    await t.clock.advance(91 * DAY);
    expect(await materialOf(t, id)).toBe(first);
    await t.kms.send(new EnableKeyCommand({ KeyId: id }));
    expect(await materialOf(t, id)).not.toBe(first);
  });

  test('a rotation that was due before the key was disabled is not lost', async () => {
    const t = new KmsInTest();
    const { id } = await t.createKey();
    await t.kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
    const first = await materialOf(t, id);
    await t.clock.advance(90 * DAY);
    await t.kms.send(new DisableKeyCommand({ KeyId: id }));
    expect(await materialOf(t, id)).not.toBe(first);
  });

  test('a ciphertext that moves to a newer material names both', async () => {
    const t = new KmsInTest();
    const { id, arn } = await t.createKey();
    await t.kms.send(new EnableKeyRotationCommand({ KeyId: id, RotationPeriodInDays: 90 }));
    const first = await materialOf(t, id);
    const { CiphertextBlob } = await t.kms.send(new EncryptCommand({ KeyId: id, Plaintext: bytes(3) }));
    await t.clock.advance(90 * DAY);
    const moved = await t.kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: id }));
    expect(moved).toMatchObject({
      KeyId: arn,
      SourceKeyId: arn,
      SourceKeyMaterialId: first,
      DestinationKeyMaterialId: await materialOf(t, id),
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
    const opened = await t.kms.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob }));
    expect(opened).toMatchObject({ KeyMaterialId: moved.DestinationKeyMaterialId });
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(bytes(3));
  });
});

describe('a deletion that is called off', () => {
  test.each([
    ['AWS_KMS', 'Disabled'],
    ['EXTERNAL', 'PendingImport'],
  ] as const)('leaves a key of origin %s %s, for good', async (Origin, state) => {
    const { kms, clock } = new KmsInTest();
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin }));
    const KeyId = KeyMetadata?.KeyId;
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    const pending = await kms.send(new DescribeKeyCommand({ KeyId }));
    expect(pending.KeyMetadata).toMatchObject({
      KeyState: 'PendingDeletion',
      Enabled: false,
      DeletionDate: new Date(clock.now() + 7 * DAY),
    });
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect((await failure(kms.send(new CancelKeyDeletionCommand({ KeyId })))).name).toBe('KMSInvalidStateException');
    await clock.advance(8 * DAY);
    const kept = (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
    expect(kept).toMatchObject({ KeyState: state });
    expect(kept?.DeletionDate).toBeUndefined();
  });
});

test('an alias keeps the date of its creation when it moves', async () => {
  const t = new KmsInTest();
  const [one, other] = [await t.createKey(), await t.createKey()];
  const created = new Date(t.clock.now());
  await t.kms.send(new CreateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: one.id }));
  await t.clock.advance(DAY);
  await t.kms.send(new UpdateAliasCommand({ AliasName: 'alias/jobs', TargetKeyId: other.id }));
  const listed = await t.kms.send(new ListAliasesCommand({ KeyId: other.id }));
  expect(listed.Aliases).toEqual([
    expect.objectContaining({ TargetKeyId: other.id, CreationDate: created, LastUpdatedDate: new Date(t.clock.now()) }),
  ]);
  expect((await t.kms.send(new ListAliasesCommand({ KeyId: one.id }))).Aliases).toEqual([]);
});

test('every action that uses a key can be a dry run, and knows one algorithm and no enclaves', async () => {
  const t = new KmsInTest();
  const { id } = await t.createKey();
  const { CiphertextBlob } = await t.kms.send(new EncryptCommand({ KeyId: id, Plaintext: bytes(1) }));
  const KeyId = id;
  const EncryptionAlgorithm = 'RSAES_OAEP_SHA_1';
  const Recipient = { KeyEncryptionAlgorithm: 'RSAES_OAEP_SHA_256', AttestationDocument: bytes(1) } as const;
  const DryRun = true;
  const attempts: [name: string, calls: Promise<unknown>[]][] = [
    [
      'DryRunOperationException',
      [
        t.kms.send(new EncryptCommand({ KeyId, Plaintext: bytes(1), DryRun })),
        t.kms.send(new DecryptCommand({ CiphertextBlob, DryRun })),
        t.kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: id, DryRun })),
        t.kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 1, DryRun })),
        t.kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, NumberOfBytes: 1, DryRun })),
      ],
    ],
    [
      'InvalidKeyUsageException',
      [
        t.kms.send(new EncryptCommand({ KeyId, Plaintext: bytes(1), EncryptionAlgorithm })),
        t.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionAlgorithm })),
        t.kms.send(
          new ReEncryptCommand({
            CiphertextBlob,
            DestinationKeyId: id,
            SourceEncryptionAlgorithm: EncryptionAlgorithm,
          }),
        ),
        t.kms.send(
          new ReEncryptCommand({
            CiphertextBlob,
            DestinationKeyId: id,
            DestinationEncryptionAlgorithm: EncryptionAlgorithm,
          }),
        ),
      ],
    ],
    [
      'UnsupportedOperationException',
      [
        t.kms.send(new DecryptCommand({ CiphertextBlob, Recipient })),
        t.kms.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes: 1, Recipient })),
      ],
    ],
  ];
  for (const [name, calls] of attempts) {
    for (const call of calls) expect((await failure(call)).name).toBe(name);
  }
});
