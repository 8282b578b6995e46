import { type IQueue } from 'aws-cdk-lib/aws-sqs';
import { Stack } from 'aws-cdk-lib/core';
import { type IConstruct } from 'constructs';
import { type Rule } from '../rules';
import { acrossStacks, dependsOn } from './delivery';

/** A source that is in a stack of its own, which must be deployed after the queue's. */
export interface StackFacts {
  /**
   *
   */
  readonly source: IConstruct;
  /**
   *
   */
  readonly queue: IQueue;
}

/** What lets two stacks be deployed one after the other. */
export const STACK_RULES: readonly Rule<StackFacts>[] = [
  {
    id: 'Spillway-Delivery-StacksNeedEachOther',
    broken: ({ source, queue }) =>
      acrossStacks(queue, source) &&
      queue.encryptionMasterKey !== undefined &&
      acrossStacks(queue, queue.encryptionMasterKey) &&
      dependsOn(queue.encryptionMasterKey, source),
    message: ({ source, queue }) =>
      `encryption must have a key of the queue's stack (${Stack.of(queue).node.path}) or of a third, but had ${queue.encryptionMasterKey?.node.path} of the stack of ${source.node.path}; ${source.node.path} names the queue and the queue the key, and CloudFormation can't deploy two stacks that need each other`,
  },
];
