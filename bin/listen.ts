import { type Emulator, PortInUse } from '../lib/emulator';

/** The default port, which is also that of LocalStack. */
export const DEFAULT_PORT = 4566;

/**
 * Listens on `port` or, if it is undefined, on the default port, or on any free one if that is in use.
 * @param port the value of `--port`
 * @throws Error if `port` is in use
 */
export async function listen(emulator: Emulator, port: number | undefined, print: (line: string) => void) {
  try {
    return await emulator.listen(port ?? DEFAULT_PORT);
  } catch (error) {
    if (!(error instanceof PortInUse)) throw error;
    if (port !== undefined) {
      throw new Error(
        `--port ${port} is in use: stop the process that listens on it, or choose another port (0 for any free port)`,
        {
          cause: error,
        },
      );
    }
    const endpoint = await emulator.listen(0);
    print(`Port ${DEFAULT_PORT} is in use; listening on port ${new URL(endpoint).port} instead.`);
    return endpoint;
  }
}
