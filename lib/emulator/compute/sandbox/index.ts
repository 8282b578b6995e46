export { EventLoopBlocked } from './blocked';
export { Sandbox, type SandboxExit, type SandboxOptions } from './sandbox';
