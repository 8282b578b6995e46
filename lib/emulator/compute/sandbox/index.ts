export { Sandbox, type SandboxExit, type SandboxOptions } from './sandbox';
