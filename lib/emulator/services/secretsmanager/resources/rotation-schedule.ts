import type { CreatedResource, ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import {
  emulated,
  flag,
  inert,
  integer,
  record,
  replacing,
  required,
  text,
  unsupported,
  type Values,
} from '../../../cloudformation/provider/shapes';
import type { SecretsManager } from '../secrets-manager';

const properties = {
  ExternalSecretRotationMetadata: unsupported('secrets of other vendors are not rotated'),
  ExternalSecretRotationRoleArn: unsupported('secrets of other vendors are not rotated'),
  HostedRotationLambda: unsupported("AWS's own rotation functions are not here: give RotationLambdaARN"),
  RotateImmediatelyOnUpdate: emulated(flag),
  RotationLambdaARN: emulated(text),
  RotationRules: emulated(
    record({
      AutomaticallyAfterDays: emulated(integer),
      Duration: inert(text, 'a rotation begins as soon as it is due'),
      ScheduleExpression: emulated(text),
    }),
  ),
  SecretId: replacing(required(emulated(text))),
};

/** How a secret is rotated. Its first rotation begins when the whole stack is there. */
export const rotationSchedule = define({
  type: 'AWS::SecretsManager::RotationSchedule',
  properties,
  refusal: ({ HostedRotationLambda: hosted, RotationLambdaARN: own }) =>
    hosted !== undefined && own === undefined ? "it needs one of AWS's own rotation functions" : undefined,
  create: ({ properties: given }, context: ResourceContext<SecretsManager>) => rotate(given, context),
  update: ({ properties: given }, context: ResourceContext<SecretsManager>) => rotate(given, context),
  delete({ properties: { SecretId } }, { service, call }: ResourceContext<SecretsManager>) {
    const cancel = () => void service.cancelRotateSecret({ SecretId }, call);
    unlessGone(cancel, 'ResourceNotFoundException', 'InvalidRequestException');
  },
});

function rotate(
  { RotateImmediatelyOnUpdate, RotationLambdaARN, RotationRules, SecretId }: Values<typeof properties>,
  { service, call }: ResourceContext<SecretsManager>,
): CreatedResource {
  const { ARN = '' } = service.describeSecret({ SecretId }, call);
  const input = {
    SecretId: ARN,
    RotationLambdaARN,
    RotationRules,
    RotateImmediately: RotateImmediatelyOnUpdate,
  };
  return { ref: ARN, attributes: { Id: ARN }, afterwards: () => void service.rotateSecret(input, call) };
}
