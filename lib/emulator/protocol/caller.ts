import { type CredentialScope, sessionToken, signedAt } from './credential-scope';
import { expiredRequest, incompleteSignature } from './signature-errors';
import type { HttpRequest } from './http-request';

/** Who calls. */
export interface Caller {
  /** 12 digits. */
  readonly account: string;
  /** An ARN. */
  readonly principal: string;
}

/** What tells {@link Callers} apart. */
export interface CallersOptions {
  /** The account of a caller whose access key id nobody knows. */
  readonly defaultAccount: string;
  /**
   * Whose credentials these are; undefined where they are none that we gave out.
   * @throws AwsError where they are ours, and not good any more
   * @default - we gave out none
   */
  readonly identify?: (accessKeyId: string, sessionToken: string) => Caller | undefined;
  /**
   * The time that a signature's date is held against, and by how many milliseconds it may be off.
   * @default - dates are not looked at
   */
  readonly time?: { readonly now: () => number; readonly tolerance: number };
}

const ACCOUNT = /^\d{12}$/;
const MOST_ROOTS = 1_000;

/** Tells by a request's credential who calls. Signatures are not verified: any secret will do. */
export class Callers {
  private readonly roots = new Map<string, Caller>();

  constructor(private readonly options: CallersOptions) {}

  /**
   * Who calls; undefined where a request is not signed.
   * @throws AwsError where AWS would not let the caller in
   */
  public of(request: HttpRequest, scope: CredentialScope | undefined): Caller | undefined {
    if (scope === undefined) {
      const { authorization } = request.headers;
      if (authorization === undefined) return undefined;
      throw incompleteSignature(authorization);
    }
    this.checkTime(request);
    const { accessKeyId } = scope;
    // An account's number is its root's key.
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
