import { formatArn } from '../../core';
import type { Provider } from '../provider/contract';
import { inertProvider, nameBy, textOr } from './inert';

const logGroupName = { by: 'LogGroupName', longest: 512 } as const;

const logGroup = inertProvider({
  type: 'AWS::Logs::LogGroup',
  note: 'logs go to the emulator',
  named: logGroupName,
  create(resource, context) {
    const name = nameBy(logGroupName, resource);
    const arn = formatArn('logs', context.region, context.account, `log-group:${name}:*`);
    return { ref: name, attributes: { Arn: arn, LogGroupName: name } };
  },
});

const metadata = inertProvider({
  type: 'AWS::CDK::Metadata',
  create: (resource) => ({ ref: resource.name({ longest: 128 }), attributes: {} }),
});

/** With which the CDK sets how long a log group keeps what it has. */
const logRetention = inertProvider({
  type: 'Custom::LogRetention',
  note: 'logs go to the emulator',
  create(resource, context) {
    const name = textOr(resource.properties.LogGroupName, resource.name({ longest: 512 }));
    const LogGroupArn = formatArn('logs', context.region, context.account, `log-group:${name}:*`);
    return { ref: name, attributes: { LogGroupName: name, LogGroupArn } };
  },
});

/** What shows or keeps how things went: accepted, and nothing comes of it. */
export const observationProviders: readonly Provider[] = [logGroup, logRetention, metadata];
