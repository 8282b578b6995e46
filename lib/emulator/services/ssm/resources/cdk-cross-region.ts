import type { ResourceContext } from '../../../cloudformation/provider/contract';
import type { Ssm } from '../ssm';
import { AwsError } from '../../../core';
import { changedProperties } from '../../../cloudformation/deployed-stack';
import { emulated, inert, mapOf, record, required, text } from '../../../cloudformation/provider/shapes';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';

const serviceToken = required(inert(text, 'its function is not called: the emulator does what it would'));

/** With which the CDK hands values to stacks in another region: it writes them to the Parameter Store there. */
const crossRegionExportWriter = define({
  type: 'Custom::CrossRegionExportWriter',
  properties: {
    ServiceToken: serviceToken,
    WriterProps: required(
      emulated(record({ exports: required(emulated(mapOf(text))), region: required(emulated(text)) })),
    ),
  },
  create(resource, context: ResourceContext<Ssm>) {
    const { exports, region } = resource.properties.WriterProps;
    const parameters = context.inRegion(region);
    for (const [name, value] of Object.entries(exports)) put(parameters, name, value, context);
    return { ref: resource.name({ longest: 128 }), attributes: {} };
  },
  update({ ref, properties, previous }, context: ResourceContext<Ssm>) {
    const [before, after] = [previous.WriterProps.exports, properties.WriterProps.exports];
    const changed = [...changedProperties(before, after)];
    const other = changed.filter((name) => name in before && name in after);
    if (other.length > 0) {
      const message = `Some exports have changed!\n${other.join('\n')}`.replaceAll('\n', ' ');
      throw new AwsError('CustomResourceFailure', message);
    }
    const parameters = context.inRegion(properties.WriterProps.region);
    for (const name of changed) {
      if (name in after) put(parameters, name, after[name], context);
      else remove(parameters, name, context);
    }
    return { ref, attributes: {} };
  },
  delete({ properties }, context: ResourceContext<Ssm>) {
    const { exports, region } = properties.WriterProps;
    const parameters = context.inRegion(region);
    for (const name of Object.keys(exports)) remove(parameters, name, context);
  },
});

function put(parameters: Ssm, name: string, value: string, { call }: ResourceContext<Ssm>): void {
  parameters.putParameter({ Name: name, Value: value, Type: 'String', Overwrite: true }, call);
}

function remove(parameters: Ssm, name: string, { call }: ResourceContext<Ssm>): void {
  unlessGone(() => parameters.deleteParameter({ Name: name }, call), 'ParameterNotFound');
}

/** With which it takes such values: each is an attribute. */
const crossRegionExportReader = define({
  type: 'Custom::CrossRegionExportReader',
  properties: {
    ReaderProps: required(
      emulated(
        record({
          imports: required(emulated(mapOf(text))),
          prefix: emulated(text),
          region: required(emulated(text)),
        }),
      ),
    ),
    ServiceToken: serviceToken,
  },
  create: (resource) => ({
    ref: resource.name({ longest: 128 }),
    attributes: resource.properties.ReaderProps.imports,
  }),
  update: ({ ref, properties }) => ({ ref, attributes: properties.ReaderProps.imports }),
});

/** The custom resources behind the CDK's `crossRegionReferences`. */
export const cdkCrossRegionProviders = [crossRegionExportWriter, crossRegionExportReader];
