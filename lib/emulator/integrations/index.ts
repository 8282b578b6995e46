import { type Port, SERVICE_EVENTS, TAKES_DELIVERIES } from '../core';
import type { ServiceName, Services } from '../services';
import { LAUNCH_TEMPLATES, POLICY_ALARMS } from '../services/autoscaling';
import { STREAM_KEYS } from '../services/kinesis';
import { FUNCTION_ROLES, QUEUE_SOURCE, STREAM_SOURCES } from '../services/lambda';
import { LOG_DESTINATIONS } from '../services/logs';
import { DELIVERY_LOGS, TOPIC_KEYS } from '../services/sns';
import { ROLE_TRUST, UNIVERSAL_TARGETS } from '../services/scheduler';
import { QUEUE_ENCRYPTION, QUEUE_POLICIES } from '../services/sqs';
import { NOTIFIED_FUNCTIONS } from '../services/s3';
import { PARAMETER_ENCRYPTION } from '../services/ssm';
import { ROTATION_FUNCTIONS, SECRET_ENCRYPTION } from '../services/secretsmanager';
import { takesDeliveries } from './event-delivery';
import { LambdaRotationFunctions } from './rotation-functions';
import { TargetTrackingAlarms } from './autoscaling-alarms';
import { SqsEventSource } from './lambda-event-sources';
import { SubscribedFunctions } from './log-destinations';
import { LambdaNotifiedFunctions } from './notified-functions';
import { KmsTopicKeys, TopicDeliveryLogs } from './sns-ports';
import { KmsQueueEncryption } from './sqs-encryption';
import { readQueuePolicy } from './sqs-policies';
import { functionRoleTrust, scheduleRoleTrust } from './assumed-role';
import { DynamoDbEventSource } from './dynamodb-event-source';
import { KinesisEventSource } from './kinesis-event-source';
import { KmsStreamKeys } from './stream-keys';
import { StoredSecrets } from './stored-secrets';
import { ServiceActions } from './universal-targets';

/** One account in one Region, and its services as callers reach them. */
export interface IntegratedRegion<Name extends ServiceName = ServiceName> {
  readonly account: string;
  readonly region: string;
  readonly api: Pick<Services, Name>;
}

/** Fills a service's port with what another service gives. */
export interface Integration<T = unknown> {
  readonly port: Port<T>;
  readonly make: (region: IntegratedRegion) => T;
}

const join = <T>(port: Port<T>, make: Integration<T>['make']): Integration<T> => ({ port, make });

/** What joins two services, beside deliveries and metrics. Each is made when its port is first used. */
export const INTEGRATIONS: readonly Integration[] = [
  join(QUEUE_ENCRYPTION, (region) => new KmsQueueEncryption(region)),
  join(QUEUE_POLICIES, () => readQueuePolicy),
  join(FUNCTION_ROLES, functionRoleTrust),
  join(STREAM_SOURCES, (region) => [new KinesisEventSource(region), new DynamoDbEventSource(region)]),
  join(QUEUE_SOURCE, (region) => new SqsEventSource(region)),
  join(
    LAUNCH_TEMPLATES,
    ({ api }) =>
      (idOrName, version) =>
        api.ec2.describe(idOrName, version),
  ),
  join(PARAMETER_ENCRYPTION, (region) => new StoredSecrets(region, 'InvalidKeyId')),
  join(SECRET_ENCRYPTION, (region) => new StoredSecrets(region, 'EncryptionFailure')),
  join(ROTATION_FUNCTIONS, (region) => new LambdaRotationFunctions(region)),
  join(LOG_DESTINATIONS, (region) => new SubscribedFunctions(region)),
  join(DELIVERY_LOGS, (region) => new TopicDeliveryLogs(region)),
  join(SERVICE_EVENTS, ({ api }) => api.events),
  join(TAKES_DELIVERIES, () => takesDeliveries),
  join(TOPIC_KEYS, (region) => new KmsTopicKeys(region)),
  join(NOTIFIED_FUNCTIONS, (region) => new LambdaNotifiedFunctions(region)),
  join(ROLE_TRUST, scheduleRoleTrust),
  join(UNIVERSAL_TARGETS, (region) => new ServiceActions(region)),
  join(STREAM_KEYS, (region) => new KmsStreamKeys(region)),
  join(POLICY_ALARMS, (region) => new TargetTrackingAlarms(region)),
];
