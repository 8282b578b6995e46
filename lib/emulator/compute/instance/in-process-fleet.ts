import { resolve } from 'node:path';
import type { Random } from '../../clock';
import { Sandbox } from '../sandbox';
import type { ComputeHost } from '../compute-host';
import { isNodeBinary } from './node-binary';
import type { ProgramEnd, StartProgram } from './supervised-service';
import { type InstanceProgram, WorkerFleet, type WorkerFleetOptions } from './worker-fleet';

/** Options of an {@link InProcessFleet}. */
export interface InProcessFleetOptions extends WorkerFleetOptions {
  /** The source of the programs' randomness. */
  readonly random: Random;
}

const METADATA_ADDRESS = '169.254.169.254';

/** Instances whose workers, all Node programs, run inside this process, on the clock and without a port. */
export class InProcessFleet extends WorkerFleet {
  private readonly random: Random;

  constructor(options: InProcessFleetOptions) {
    super(options);
    this.random = options.random;
  }

  protected starter({ instanceId, program, metadata, log }: InstanceProgram): StartProgram {
    const { clock } = this.options;
    const { execStart, environment, workingDirectory, name } = program.unit;
    const [script, ...rest] = nodeArguments(execStart, name);
    const computeHost = this.computeHostOf(metadata.url, log);
    let starts = 0;
    return (ended) => {
      const end = (result: ProgramEnd) => queueMicrotask(() => ended(result));
      const sandbox: Sandbox = new Sandbox({
        file: resolve(workingDirectory, script),
        arguments: rest,
        environment: {
          ...environment,
          AWS_ENDPOINT_URL: computeHost.endpointUrl(),
          AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
          ...NO_SHARED_CONFIG,
        },
        workingDirectory,
        clock,
        computeHost,
        source: instanceId,
        random: this.random.fork(`${instanceId}/${starts++}`),
        onExit: ({ code }) => end({ code, signal: null }),
        onIdle: () => end({ code: sandbox.finish(), signal: null }),
      });
      try {
        sandbox.load();
      } catch (error) {
        sandbox.fail(error);
      }
      return {
        signal: (signal) => sandbox.signal(signal),
        kill: () => {
          if (sandbox.closed) return; // it is about to end
          sandbox.close();
          end({ code: null, signal: 'SIGKILL' });
        },
      };
    };
  }

  /** The shared compute host, plus this instance's metadata service at its EC2 address. */
  private computeHostOf(metadataUrl: string, log: InstanceProgram['log']): ComputeHost {
    const { computeHost } = this.options;
    const { hostname, port } = new URL(metadataUrl);
    return {
      region: computeHost.region,
      account: computeHost.account,
      endpointUrl: () => computeHost.endpointUrl(),
      credentials: (role, sessionName) => computeHost.credentials(role, sessionName),
      openMetadata: (instanceId) => computeHost.openMetadata(instanceId),
      connect: (host, toPort) => {
        if (computeHost.connect === undefined) throw new Error(`nothing listens at ${host}:${toPort} in this process`);
        return host === METADATA_ADDRESS
          ? computeHost.connect(hostname, Number(port || 80))
          : computeHost.connect(host, toPort);
      },
      log: ({ stream, text }) => log(stream, text),
    };
  }
}

/** Hides the developer's own profiles and credentials from the emulated cloud. */
const NO_SHARED_CONFIG = { AWS_SHARED_CREDENTIALS_FILE: '/dev/null', AWS_CONFIG_FILE: '/dev/null' };

/** The arguments after `node` and its options in a command line. */
function nodeArguments([interpreter, ...words]: readonly string[], unit: string): string[] {
  if (interpreter === '/usr/bin/env' && words.length > 0) return nodeArguments(words, unit);
  if (!isNodeBinary(interpreter)) {
    throw new Error(`${unit} runs ${interpreter}: only Node programs run in the emulator's own process`);
  }
  const script = words.findIndex((word) => !word.startsWith('-'));
  // Options with a separate value load code, evaluate it, or the like.
  const other = words
    .slice(0, script)
    .find((word) => !/^--(max-old-space-size=\d+|enable-source-maps|no-warnings)$/.test(word));
  if (script < 0 || other !== undefined) {
    throw new Error(`${unit} runs node ${other ?? ''}: this option is not possible in the emulator's own process`);
  }
  return words.slice(script);
}
