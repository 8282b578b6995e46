import { Random, VirtualClock } from '../../../lib/emulator/clock';
import { CloudWatch } from '../../../lib/emulator/services/cloudwatch';
import { Ec2 } from '../../../lib/emulator/services/ec2';
import { Kms } from '../../../lib/emulator/services/kms';
import { Lambda, type FunctionSpec } from '../../../lib/emulator/services/lambda';
import { Sqs } from '../../../lib/emulator/services/sqs';
import type { Assembly } from '../../../lib/emulator/cloudformation';
import { Timeline } from '../../../lib/emulator/timeline';
import { ACCOUNT, bareCloud, REGION } from './support';

/** A cloud with the real services under a clock that stands still; nothing runs functions or instances. */
export function cloudFor(assembly: Pick<Assembly, 'asset'>) {
  const clock = new VirtualClock();
  const ports = { clock, random: new Random(7), timeline: new Timeline(clock), account: ACCOUNT, region: REGION };
  const kms = new Kms(ports);
  const sqs = new Sqs(ports);
  const launchTemplates = new Ec2(ports);
  const functions: FunctionSpec[] = [];
  const lambda = new Lambda({
    ...ports,
    runner: {
      support: ({ runtime }) => (runtime.startsWith('nodejs') ? {} : { refusal: 'there is only Node.js here' }),
      run: (fn) => {
        functions.push(fn);
        return Promise.resolve({ payload: 'null' });
      },
      dispose: () => Promise.resolve(),
    },
    queues: {
      onDeleted: () => undefined,
      describe: (arn) => {
        const name = arn.split(':')[5];
        if (sqs.counts(name) === undefined) return undefined;
        const { Attributes = {} } = sqs.getQueueAttributes({ QueueUrl: name, AttributeNames: ['All'] }, call);
        return { visibilityTimeoutSeconds: Number(Attributes.VisibilityTimeout), fifo: name.endsWith('.fifo') };
      },
      hasVisible: () => false,
      receive: () => [],
      delete: () => undefined,
    },
  });
  const cloudWatch = new CloudWatch({ ...ports, invokeAction: () => undefined });
  const services = { kms, sqs, lambda, cloudWatch, launchTemplates };
  const named = { kms, sqs, lambda, cloudwatch: cloudWatch, ec2: launchTemplates };
  const cloud = bareCloud({ services: named, asset: (bucket, key) => assembly.asset(bucket, key) });
  const { call } = cloud;
  return { ...services, ports, cloud, call, /** Those that ran, as the runner was given them. */ functions };
}
