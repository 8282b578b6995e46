export { EnvironmentRunner, type EnvironmentRunnerOptions } from './environment-runner';
export { createProcessRunner, type ProcessRunnerOptions } from './process-environment';
export { createSandboxRunner, type SandboxRunnerOptions } from './sandbox-environment';
