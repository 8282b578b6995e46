import type { CloudStatus } from '../lib/emulator';
import type { Target } from './target';

/** A local cloud's own API, below `/_spillway/`. */
export class LocalCloudApi {
  constructor(private readonly target: Target) {}

  /** The cloud's state. */
  public status(): Promise<CloudStatus> {
    return this.call('GET', 'status') as Promise<CloudStatus>;
  }

  /** Calls a path. Returns the JSON of the response. */
  public async call(method: 'GET' | 'POST', path: string): Promise<unknown> {
    const url = `${this.target.endpoint}/_spillway/${path}`;
    let response: Response;
    try {
      response = await fetch(url, { method });
    } catch (error) {
      throw new Error(`no local cloud answers at ${this.target.endpoint}: start one with "npx spillway up"`, {
        cause: error,
      });
    }
    if (!response.ok) throw new Error((await response.text()).trim() || `${url} answered with ${response.status}`);
    return response.json();
  }
}
