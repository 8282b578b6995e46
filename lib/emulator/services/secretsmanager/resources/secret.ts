import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import {
  emulated,
  flag,
  integer,
  naming,
  record,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import { tagChanges, tagList } from '../../../cloudformation/provider/tags';
import { invalidRequest } from '../errors';
import type { SecretsManager } from '../secrets-manager';

const properties = {
  Description: emulated(text),
  GenerateSecretString: emulated(
    record({
      ExcludeCharacters: emulated(text),
      ExcludeLowercase: emulated(flag),
      ExcludeNumbers: emulated(flag),
      ExcludePunctuation: emulated(flag),
      ExcludeUppercase: emulated(flag),
      GenerateStringKey: emulated(text),
      IncludeSpace: emulated(flag),
      PasswordLength: emulated(integer),
      RequireEachIncludedType: emulated(flag),
      SecretStringTemplate: emulated(text),
    }),
  ),
  KmsKeyId: emulated(text),
  Name: naming(emulated(text)),
  ReplicaRegions: unsupported('secrets are not replicated to other Regions'),
  SecretString: emulated(text),
  Tags: emulated(tagList),
  Type: emulated(text),
};

type Given = Values<typeof properties>;

/** A secret, its value given or generated. */
export const secret = define({
  type: 'AWS::SecretsManager::Secret',
  properties,
  create(resource, { service, call }: ResourceContext<SecretsManager>) {
    const { properties: given, name, systemTags } = resource;
    const { ARN = '' } = service.createSecret(
      {
        Name: given.Name ?? name({ longest: 512 }),
        Description: given.Description,
        KmsKeyId: given.KmsKeyId,
        Tags: given.Tags?.map((tag) => ({ ...tag })),
        Type: given.Type,
        SecretString: valueOf(given, service, call),
      },
      call,
    );
    service.setSystemTags(ARN, systemTags);
    return { ref: ARN, attributes: { Id: ARN } };
  },
  update({ ref, attributes, properties: given, previous }, { service, call }: ResourceContext<SecretsManager>) {
    const isSame = (name: 'SecretString' | 'GenerateSecretString') =>
      JSON.stringify(given[name]) === JSON.stringify(previous[name]);
    // A value is generated anew only if how it is generated has changed.
    const keeps = isSame('SecretString') && isSame('GenerateSecretString');
    const { Description = '', KmsKeyId = '', Type } = given;
    const SecretString = keeps ? undefined : valueOf(given, service, call);
    service.updateSecret({ SecretId: ref, Description, KmsKeyId, Type, SecretString }, call);
    const { added, removed } = tagChanges(previous.Tags, given.Tags);
    if (removed.length > 0) service.untagResource({ SecretId: ref, TagKeys: removed }, call);
    const tags = Object.entries(added).map(([Key, Value]) => ({ Key, Value }));
    if (tags.length > 0) service.tagResource({ SecretId: ref, Tags: tags }, call);
    return { ref, attributes };
  },
  delete({ ref }, { service, call }: ResourceContext<SecretsManager>) {
    service.deleteSecret({ SecretId: ref, ForceDeleteWithoutRecovery: true }, call);
  },
});

function valueOf(
  { SecretString, GenerateSecretString: generate }: Given,
  service: SecretsManager,
  call: ResourceContext<SecretsManager>['call'],
): string | undefined {
  if (generate === undefined) return SecretString;
  const { GenerateStringKey: key, SecretStringTemplate: template, ...rules } = generate;
  const { RandomPassword: password = '' } = service.getRandomPassword(rules, call);
  if (key === undefined && template === undefined) return password;
  if (key === undefined || template === undefined) {
    throw invalidRequest('GenerateStringKey and SecretStringTemplate must be given together.');
  }
  try {
    return JSON.stringify({ ...(JSON.parse(template) as object), [key]: password });
  } catch {
    throw invalidRequest('Could not parse SecretStringTemplate JSON.');
  }
}
