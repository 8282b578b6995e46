import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { document, emulated, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { Kinesis } from '../kinesis';

/** The resource policy of a stream or of a consumer. */
export const kinesisResourcePolicy = define({
  type: 'AWS::Kinesis::ResourcePolicy',
  properties: { ResourceArn: replacing(required(emulated(text))), ResourcePolicy: required(emulated(document)) },
  unique: { name: ({ properties }) => properties.ResourceArn },
  create({ properties: { ResourceArn: ResourceARN, ResourcePolicy } }, { service, call }: ResourceContext<Kinesis>) {
    service.putResourcePolicy({ ResourceARN, Policy: JSON.stringify(ResourcePolicy) }, call);
    return { ref: ResourceARN, attributes: {} };
  },
  update(
    { ref: ResourceARN, attributes, properties: { ResourcePolicy } },
    { service, call }: ResourceContext<Kinesis>,
  ) {
    service.putResourcePolicy({ ResourceARN, Policy: JSON.stringify(ResourcePolicy) }, call);
    return { ref: ResourceARN, attributes };
  },
  delete({ ref: ResourceARN }, { service, call }: ResourceContext<Kinesis>) {
    unlessGone(() => service.deleteResourcePolicy({ ResourceARN }, call), 'ResourceNotFoundException');
  },
});
