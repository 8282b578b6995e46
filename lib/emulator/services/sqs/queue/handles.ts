import type { Random } from '../../../clock';

/** The contents of a receipt handle. */
export interface Receipt {
  /** Index in the queue's table of received messages. */
  readonly slot: number;
  /** The message's serial number: the slot may meanwhile hold another message. */
  readonly serial: number;
  /** A random number, different for each receive. */
  readonly nonce: number;
}

const PREFIX = 'AQEB';
const BYTES = 18;
const LENGTH = PREFIX.length + (BYTES / 3) * 4;
// The buffer in which handles are encoded and decoded. All queues share it, so that it stays in the CPU's cache.
const buffer = Buffer.alloc(BYTES);

/** Whether `text` has the form of a receipt handle, of any queue. */
export function isHandle(text: string): boolean {
  return text.length === LENGTH && text.startsWith(PREFIX) && /^[A-Za-z0-9+/]*$/.test(text);
}

/**
 * Receipt handles that contain their message's location, so that none has to be stored: slot, serial number, nonce, and
 * a checksum with the queue's secret, which rejects garbage and the handles of other queues.
 */
export class Handles {
  private readonly secret: number;

  constructor(private readonly random: Random) {
    this.secret = random.uint32();
  }

  /** The nonce of a new handle. */
  public nonce(): number {
    return this.random.uint32();
  }

  public write(slot: number, serial: number, nonce: number): string {
    buffer.writeUInt32LE(slot, 0);
    buffer.writeUIntLE(serial, 4, 6);
    buffer.writeUInt32LE(nonce, 10);
    buffer.writeUInt32LE(this.checkSum(slot, serial, nonce), 14);
    return PREFIX + buffer.toString('base64');
  }

  /** Parses a handle; undefined if it does not belong to this queue. */
  public read(handle: string): Receipt | undefined {
    if (!isHandle(handle)) return undefined;
    buffer.write(handle.slice(PREFIX.length), 'base64');
    const slot = buffer.readUInt32LE(0);
    const serial = buffer.readUIntLE(4, 6);
    const nonce = buffer.readUInt32LE(10);
    return buffer.readUInt32LE(14) === this.checkSum(slot, serial, nonce) ? { slot, serial, nonce } : undefined;
  }

  private checkSum(slot: number, serial: number, nonce: number): number {
    let sum = this.secret;
    for (const part of [slot, serial | 0, Math.floor(serial / 2 ** 32), nonce]) {
      sum = Math.imul(sum ^ part, 0x85ebca6b);
      sum ^= sum >>> 13;
    }
    return sum >>> 0;
  }
}
