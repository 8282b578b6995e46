/**
 * Loaded before a worker's own code: ends the worker, and what it has started, when the emulator is gone without having
 * stopped it. The pipe that the variable names closes then, whatever the emulator died of.
 */
import { Socket } from 'node:net';

const { SPILLWAY_LIFELINE: descriptor } = process.env;
// The worker's own children don't get that pipe, at least not at that number.
delete process.env.SPILLWAY_LIFELINE;

if (descriptor !== undefined) {
  const lifeline = new Socket({ fd: Number(descriptor), readable: true, writable: false });
  lifeline.on('error', () => undefined);
  lifeline.on('close', () => process.kill(0, 'SIGKILL')); // 0 is the process group
  lifeline.resume();
  lifeline.unref(); // it keeps no worker alive
}
