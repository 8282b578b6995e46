import * as nodeModule from 'node:module';

// Newer versions of Node keep what they compiled for the next start, if asked before anything large is loaded: half of
// what it takes to start the emulator is compiling it. The types are those of the oldest version that we support.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();
