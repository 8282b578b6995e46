import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** One kept-alive connection on which one request at a time is under way: as little client as there can be. */
export class RawConnection {
  public static open(port: number): Promise<RawConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new RawConnection(socket));
      });
    });
  }

  private received = '';
  private missing = -1;
  private answered?: (body: string) => void;
  private failed?: (error: Error) => void;

  private constructor(private readonly socket: Socket) {
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', (error) => this.failed?.(error));
    socket.on('close', () => this.failed?.(new Error('the server closed the connection')));
  }

  /** Sends a whole request; gives the body of the answer, whose status must be 200. */
  public request(bytes: Buffer | string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      this.socket.write(bytes);
    });
  }

  public close(): void {
    this.failed = undefined;
    this.socket.destroy();
  }

  private take(chunk: string): void {
    this.received = this.received === '' ? chunk : this.received + chunk;
    if (this.missing < 0) {
      const end = this.received.indexOf(HEAD_END);
      if (end < 0) return;
      const head = this.received.slice(0, end);
      const length = /\r\ncontent-length: *(\d+)/i.exec(head);
      if (!head.startsWith('HTTP/1.1 200') || length === null) {
        return this.failed?.(new Error(`unexpected answer: ${this.received.slice(0, 500)}`));
      }
      this.missing = Number(length[1]);
      this.received = this.received.slice(end + HEAD_END.length);
    }
    if (this.received.length < this.missing) return;
    const body = this.received;
    this.received = '';
    this.missing = -1;
    this.answered?.(body);
  }
}
