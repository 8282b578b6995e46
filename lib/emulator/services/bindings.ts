export * from './autoscaling/protocol';
export * from './cloudwatch/protocol';
export * from './kms/protocol';
export * from './lambda/protocol';
export * from './sqs/protocol';
export * from './sts/protocol';
