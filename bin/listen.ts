import { type Emulator, PortInUse } from '../lib/emulator';
import { DEFAULT_PORT } from './default-port';

/** Where to listen. */
export interface ListenOptions {
  /**
   * The value of `--port`.
   * @default - the default port, or any free one if that is in use
   */
  readonly port?: number;
  /**
   * The value of `--host`.
   * @default '127.0.0.1'
   */
  readonly host?: string;
  readonly print: (line: string) => void;
}

/**
 * Listens on a port. Returns the URL.
 * @throws Error if `port` is in use, or `host` is not an address of this machine
 */
export async function listen(emulator: Emulator, { port, host, print }: ListenOptions): Promise<string> {
  try {
    return await emulator.listen(port ?? DEFAULT_PORT, { host });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new Error(`--host must be an address of this machine, such as 0.0.0.0, but was ${host}`, { cause: error });
    }
    if (!(error instanceof PortInUse)) throw error;
    if (port !== undefined) {
      throw new Error(
        `--port ${port} is in use: stop the process that listens on it, or choose another port (0 for any free port)`,
        { cause: error },
      );
    }
    const endpoint = await emulator.listen(0, { host });
    print(`Port ${DEFAULT_PORT} is in use; listening on port ${new URL(endpoint).port} instead.`);
    return endpoint;
  }
}
