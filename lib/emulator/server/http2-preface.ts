import type { Socket } from 'node:net';

/** How a client of HTTP/2 with prior knowledge begins. No method of HTTP/1 begins like it. */
const PREFACE = Buffer.from('PRI * HTTP/2.0');

/**
 * Calls `next` when the connection's first bytes show which protocol it speaks; they stay to be read. Does not call it
 * if the connection ends before.
 */
export function afterPreface(socket: Socket, next: (speaksHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const look = () => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const shared = Math.min(seen.length, PREFACE.length);
    const alike = seen.subarray(0, shared).equals(PREFACE.subarray(0, shared));
    if (alike && shared < PREFACE.length) return;
    socket.off('readable', look);
    socket.unshift(seen);
    next(alike);
  };
  socket.on('readable', look);
}
