import type { Architecture, Runtime } from '@aws-sdk/client-lambda';
import type { Lambda } from '../lambda';
import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { emulated, inert, list, record, replacing, required, text } from '../../../cloudformation/provider/shapes';
import { layerContent } from './code';

const LONGEST_NAME = 140;

/** A version of a layer. Versions never change: a change of a property publishes another one. */
export const lambdaLayerVersion = define({
  type: 'AWS::Lambda::LayerVersion',
  properties: {
    CompatibleArchitectures: replacing(emulated(list(text), 'as lists show them; code runs on this machine')),
    CompatibleRuntimes: replacing(emulated(list(text), 'as lists show them: every function can have the layer')),
    Content: replacing(
      required(
        emulated(
          record({
            S3Bucket: required(emulated(text)),
            S3Key: required(emulated(text)),
            S3ObjectVersion: inert(text, 'the asset that is here is taken'),
          }),
        ),
      ),
    ),
    Description: replacing(emulated(text)),
    LayerName: replacing(emulated(text)),
    LicenseInfo: replacing(emulated(text)),
  },
  create(resource, context: ResourceContext<Lambda>) {
    const { properties: given, name } = resource;
    const layerName = given.LayerName ?? name({ longest: LONGEST_NAME });
    const LayerVersionArn = context.service.deployLayerVersion(layerName, {
      ...layerContent(given.Content, context),
      description: given.Description ?? '',
      // Names from open sets, which are only shown.
      runtimes: given.CompatibleRuntimes as Runtime[] | undefined,
      architectures: given.CompatibleArchitectures as Architecture[] | undefined,
      license: given.LicenseInfo,
    });
    return { ref: LayerVersionArn, attributes: { LayerVersionArn } };
  },
  delete({ ref }, context: ResourceContext<Lambda>) {
    const [layerArn, version] = [ref.slice(0, ref.lastIndexOf(':')), ref.slice(ref.lastIndexOf(':') + 1)];
    context.service.deleteLayerVersion({ LayerName: layerArn, VersionNumber: Number(version) }, context.call);
  },
});
