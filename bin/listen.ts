import { type Emulator, PortInUse } from '../lib/emulator';

/** Where the emulator listens unless told otherwise; LocalStack does too. */
export const DEFAULT_PORT = 4566;

/**
 * Listens on the port that was asked for or, if none was, on the default port or any free one.
 * @param port of `--port`; undefined if it was not given
 * @throws Error if the port that was asked for is taken, naming the flag
 */
export async function listen(emulator: Emulator, port: number | undefined, print: (line: string) => void) {
  try {
    return await emulator.listen(port ?? DEFAULT_PORT);
  } catch (error) {
    if (!(error instanceof PortInUse)) throw error;
    if (port !== undefined) {
      throw new Error(`--port ${port} is in use: stop what listens there, or choose another (0 takes any free port)`, {
        cause: error,
      });
    }
    const endpoint = await emulator.listen(0);
    print(`Port ${DEFAULT_PORT} is in use, so this listens on ${new URL(endpoint).port}.`);
    return endpoint;
  }
}
