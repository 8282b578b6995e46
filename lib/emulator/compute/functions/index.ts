export { EnvironmentRunner, type EnvironmentRunnerOptions } from './environment-runner';
export { createProcessRunner } from './process-environment';
export { createSandboxRunner } from './sandbox-environment';
