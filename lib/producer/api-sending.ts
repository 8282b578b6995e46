import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Names, RemovalPolicy } from 'aws-cdk-lib/core';
import { type Construct } from 'constructs';
import { ENCRYPT_ACTIONS } from '../queue/delivering-service';
import { factsOf } from '../queue/queue-facts';
import { RequestValue } from './request-value';

/** What tells repeated messages of a queue: the client's idempotency key, unless the queue compares their content. */
export function deduplicationFor(queue: IQueue, given: RequestValue | undefined): RequestValue | undefined {
  const { fifo, contentBasedDeduplication } = factsOf(queue);
  if (given !== undefined || fifo !== true || contentBasedDeduplication === true) return given;
  return RequestValue.header('Idempotency-Key');
}

/** A role that API Gateway assumes to send to one queue, once that is known. */
export function sendingRole(owner: Construct): Role {
  return new Role(owner, 'Role', {
    description: `Sends the requests of ${owner.node.path} to its queue`,
    assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
  });
}

/** Lets the role send to a queue, and use its key. */
export function allowSending(role: IRole, queue: IQueue): void {
  queue.grant(role, 'sqs:SendMessage');
  queue.encryptionMasterKey?.grant(role, ...ENCRYPT_ACTIONS);
}

const MAX_API_NAME = 128;

/** The name of an API that is created here. */
export function apiName(owner: Construct): string {
  return Names.uniqueResourceName(owner, { maxLength: MAX_API_NAME, separator: '-' });
}

/** Where the access log of an API goes that is created here. */
export function accessLogGroup(owner: Construct): LogGroup {
  return new LogGroup(owner, 'AccessLog', {
    retention: RetentionDays.ONE_YEAR,
    removalPolicy: RemovalPolicy.RETAIN,
  });
}

/** The names of those properties that are given. */
export function namesGiven(props: object): string[] {
  return Object.entries(props).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}
