export * from './kinesis-pipeline';
export * from './kinesis-pipeline-props';
export * from './lambda-stream-consumer';
export * from './lambda-stream-consumer-props';
export * from './stream-capacity';
export * from './stream-consumer';
