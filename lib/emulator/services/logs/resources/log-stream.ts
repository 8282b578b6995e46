import type { ResourceContext } from '../../../cloudformation/provider/contract';
import { define } from '../../../cloudformation/provider/define';
import { unlessGone } from '../../../cloudformation/provider/gone';
import { emulated, replacing, required, text } from '../../../cloudformation/provider/shapes';
import type { Logs } from '../logs';

/** A log stream. */
export const logStream = define({
  type: 'AWS::Logs::LogStream',
  properties: { LogGroupName: replacing(required(emulated(text))), LogStreamName: replacing(emulated(text)) },
  create({ properties: { LogGroupName, LogStreamName }, name }, { service, call }: ResourceContext<Logs>) {
    const logStreamName = LogStreamName ?? name({ longest: 512 });
    service.createLogStream({ logGroupName: LogGroupName, logStreamName }, call);
    return { ref: logStreamName, attributes: {} };
  },
  delete({ ref, properties: { LogGroupName } }, { service, call }: ResourceContext<Logs>) {
    const remove = () => service.deleteLogStream({ logGroupName: LogGroupName, logStreamName: ref }, call);
    unlessGone(remove, 'ResourceNotFoundException');
  },
});
