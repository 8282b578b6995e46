export * from './autoscaling';
export * from './cloudwatch';
export * from './kms';
export * from './lambda';
export * from './sqs';
export * from './sts';
