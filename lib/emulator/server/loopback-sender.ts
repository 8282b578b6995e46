import { type ClientRequest, request as overHttp } from 'node:http';
import { request as overHttps } from 'node:https';
import type { Clock } from '../clock';
import type { HttpPost, HttpSender } from '../services/sns';

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|localhost|\[::1\])$/;
const LONGEST_WAIT = 15_000; // SNS's own

/** Sends HTTP requests to this machine, and to no other. */
export class LoopbackSender implements HttpSender {
  constructor(private readonly clock: Clock) {}

  public reaches(url: string): boolean {
    return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
  }

  public async post({ url, headers, body }: HttpPost): Promise<number> {
    if (!this.reaches(url)) throw new Error(`${url} is not on this machine: the emulator sends nothing elsewhere`);
    const target = new URL(url);
    this.clock.notifyActivity();
    return new Promise((resolve, reject) => {
      const send = target.protocol === 'https:' ? overHttps : overHttp;
      const started: ClientRequest = send(
        target,
        {
          method: 'POST',
          agent: false,
          timeout: LONGEST_WAIT,
          headers: {
            ...headers,
            'Content-Length': Buffer.byteLength(body),
            'User-Agent': 'Amazon Simple Notification Service Agent',
            'Accept-Encoding': 'gzip,deflate',
          },
        },
        (response) => {
          response.resume();
          response.on('error', reject);
          response.on('end', () => {
            this.clock.notifyActivity();
            resolve(response.statusCode ?? 0);
          });
        },
      );
      started.on('timeout', () => started.destroy(new Error(`${url} did not answer within 15 seconds`)));
      started.on('error', reject);
      started.end(body);
    });
  }
}
