export * from './consumer-capacity';
export * from './queue-alarms';
export * from './queue-alarms-props';
export * from './queue-dashboard';
export * from './queue-metrics';
