import type { Random } from '../../../clock';

/** What a receipt handle says. */
export interface Receipt {
  /** Index in the queue's table of received messages. */
  readonly slot: number;
  /** Serial number of the message: the slot may have another message by now. */
  readonly serial: number;
  /** The random part, drawn anew for each receive. */
  readonly nonce: number;
}

const PREFIX = 'AQEB';
const BYTES = 18;
const LENGTH = PREFIX.length + (BYTES / 3) * 4;
// Where a handle is put together and taken apart. One for all queues: each with its own would have left the caches.
const buffer = Buffer.alloc(BYTES);

/** Whether `text` has the form of a receipt handle, of whichever queue. */
export function isHandle(text: string): boolean {
  return text.length === LENGTH && text.startsWith(PREFIX) && /^[A-Za-z0-9+/]*$/.test(text);
}

/**
 * Receipt handles that say themselves where their message is, so none has to be looked up or remembered: slot, serial
 * and nonce, and a check sum under the queue's secret, by which garbage and other queues' handles are told.
 */
export class Handles {
  private readonly secret: number;

  constructor(private readonly random: Random) {
    this.secret = random.uint32();
  }

  /** The random part of a new handle. */
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

  /** Parses a handle; undefined unless it is one of this queue. */
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
