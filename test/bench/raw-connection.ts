import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** One kept-alive connection on which one request at a time is under way: as little client as there can be. */
export class RawConnection {
  public static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(port);
    await once((connection.socket = connection.connect()), 'connect');
    return connection;
  }

  private socket?: Socket;
  private received = '';
  private missing = -1;
  private answered?: (body: string) => void;
  private failed?: (error: Error) => void;

  private constructor(private readonly port: number) {}

  /** Sends a whole request; gives the body of the answer, whose status must be 200. */
  public request(bytes: Buffer | string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.answered = resolve;
      this.failed = reject;
      // A server that closes it after each answer is connected to anew.
      this.socket ??= this.connect();
      this.socket.write(bytes);
    });
  }

  public close(): void {
    this.failed = undefined;
    this.socket?.destroy();
  }

  private connect(): Socket {
    const socket = connect({ port: this.port, host: '127.0.0.1', noDelay: true });
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => this.take(chunk));
    socket.on('error', (error) => this.failed?.(error));
    socket.on('close', () => {
      if (socket === this.socket) this.failed?.(new Error('the server closed the connection'));
    });
    return socket;
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
      if (/\r\nconnection: close/i.test(head)) this.socket = undefined;
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
