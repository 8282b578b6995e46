import { type CredentialScope, sessionToken, signedAt } from './credential-scope';
import { expiredRequest, incompleteSignature } from './signature-errors';
import type { HttpRequest } from './http-request';

/** The identity of a caller. */
export interface Caller {
  /** 12 digits. */
  readonly account: string;
  /** An ARN. */
  readonly principal: string;
}

/** Options of {@link Callers}. */
export interface CallersOptions {
  /** The account of a caller with an unknown access key id. */
  readonly defaultAccount: string;
  /**
   * Returns whose credentials these are; undefined if the emulator did not issue them.
   * @throws AwsError if it did, and they are no longer valid
   * @default - no credentials were issued
   */
  readonly identify?: (accessKeyId: string, sessionToken: string) => Caller | undefined;
  /**
   * The time to compare a signature's date with, and the allowed difference in milliseconds.
   * @default - signature dates are not checked
   */
  readonly time?: { readonly now: () => number; readonly tolerance: number };
}

const ACCOUNT = /^\d{12}$/;
const MOST_ROOTS = 1_000;

/** Identifies callers by their requests' credentials. Signatures are not verified: any secret works. */
export class Callers {
  private readonly roots = new Map<string, Caller>();

  constructor(private readonly options: CallersOptions) {}

  /**
   * Returns the caller; undefined if the request is not signed.
   * @throws AwsError if AWS would reject the credentials
   */
  public of(request: HttpRequest, scope: CredentialScope | undefined): Caller | undefined {
    if (scope === undefined) {
      const { authorization } = request.headers;
      if (authorization === undefined) return undefined;
      throw incompleteSignature(authorization);
    }
    this.checkTime(request);
    const { accessKeyId } = scope;
    // An account id as access key stands for the account's root user.
    if (ACCOUNT.test(accessKeyId)) return this.root(accessKeyId);
    const token = sessionToken(request);
    const known = token === undefined ? undefined : this.options.identify?.(accessKeyId, token);
    return known ?? this.root(this.options.defaultAccount);
  }

  /** The root user of an account. */
  public root(account: string): Caller {
    let root = this.roots.get(account);
    if (root === undefined) {
      if (this.roots.size >= MOST_ROOTS) this.roots.clear();
      this.roots.set(account, (root = { account, principal: `arn:aws:iam::${account}:root` }));
    }
    return root;
  }

  private checkTime(request: HttpRequest): void {
    const { time } = this.options;
    if (time === undefined) return;
    const signed = signedAt(request);
    if (signed === undefined) return;
    const now = time.now();
    const latest = signed.at + (signed.lifetime ?? time.tolerance);
    if (now > latest || signed.at > now + time.tolerance) throw expiredRequest(signed.at, now);
  }
}
