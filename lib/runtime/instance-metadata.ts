const DEFAULT_ENDPOINT = 'http://169.254.169.254';
const TOKEN_LIFE_SECONDS = 21_600;
/** It responds in milliseconds, but a busy instance may take a while to read the response. */
const TIMEOUT = 10_000;

/** The instance metadata service (version 2: every read sends a token) of the instance that this process runs on. */
export class InstanceMetadata {
  private token: Promise<string> | undefined;

  /**
   * @param endpoint default: `AWS_EC2_METADATA_SERVICE_ENDPOINT`, which the SDK's credentials also use, or EC2's own
   */
  constructor(private readonly endpoint = process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? DEFAULT_ENDPOINT) {}

  /** Returns the value at a path below `/latest/meta-data/`; undefined if there is none. Rejects off EC2. */
  public async get(path: string): Promise<string | undefined> {
    this.token ??= this.newToken();
    try {
      let response = await this.read(path, await this.token);
      if (response.status === 401) {
        this.token = this.newToken(); // the old one has expired
        response = await this.read(path, await this.token);
      }
      if (response.status === 404) return undefined;
      if (!response.ok) throw new Error(`instance metadata ${path}: HTTP ${response.status}`);
      return await response.text();
    } catch (error) {
      this.token = undefined;
      throw error;
    }
  }

  private read(path: string, token: string): Promise<Response> {
    return this.request(`latest/meta-data/${path}`, { headers: { 'x-aws-ec2-metadata-token': token } });
  }

  private async newToken(): Promise<string> {
    const response = await this.request('latest/api/token', {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': String(TOKEN_LIFE_SECONDS) },
    });
    if (!response.ok) throw new Error(`instance metadata token: HTTP ${response.status}`);
    return response.text();
  }

  private async request(path: string, init: RequestInit): Promise<Response> {
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(new Error(`instance metadata: no answer in ${TIMEOUT} ms`)), TIMEOUT);
    try {
      return await fetch(new URL(path, this.endpoint), { ...init, signal: timeout.signal });
    } finally {
      clearTimeout(timer);
    }
  }
}
