import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../../clock';
import { expiredToken, invalidToken } from './errors';

/** The owner of a session. */
export interface SessionHolder {
  /** 12 digits. */
  readonly account: string;
  /** An ARN. */
  readonly principal: string;
}

/** Temporary credentials. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

interface Claims extends SessionHolder {
  readonly accessKeyId: string;
  /** In emulated milliseconds since the epoch; absent if they never expire. */
  readonly expiresAt?: number;
}

const MARK = 'spillway';
const KEY_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const MOST_READ = 1_000;

/**
 * Issues temporary credentials, and identifies them. The token contains everything, with a signature: nothing is
 * stored, so there is no limit on their number, and they remain valid after a reset.
 */
export class SessionIssuer {
  private readonly key: string;
  private readonly random: Random;
  private readonly read = new Map<string, Claims>();

  constructor(
    private readonly clock: Clock,
    random: Random,
  ) {
    this.random = random;
    this.key = random.hex(64);
  }

  /** @param expiresAt in emulated milliseconds since the epoch; by default never */
  public issue({ account, principal }: SessionHolder, expiresAt?: number): SessionCredentials {
    const { random } = this;
    const accessKeyId = `ASIA${Array.from({ length: 16 }, () => KEY_LETTERS[random.integer(0, 31)]).join('')}`;
    const claims: Claims = { account, principal, accessKeyId, expiresAt };
    const content = Buffer.from(JSON.stringify(claims)).toString('base64url');
    return {
      accessKeyId,
      secretAccessKey: Buffer.from(random.hex(60), 'hex').toString('base64'),
      sessionToken: `${MARK}.${content}.${this.proofOf(content)}`,
    };
  }

  /**
   * The owner of credentials; undefined if they were not issued here.
   * @throws AwsError ExpiredToken, or InvalidClientTokenId if the token does not belong to the access key
   */
  public holderOf(accessKeyId: string, sessionToken: string): SessionHolder | undefined {
    if (!sessionToken.startsWith(`${MARK}.`)) return undefined;
    const claims = this.read.get(sessionToken) ?? this.verified(sessionToken);
    if (claims.accessKeyId !== accessKeyId) throw invalidToken();
    if (claims.expiresAt !== undefined && this.clock.now() >= claims.expiresAt) throw expiredToken();
    return claims;
  }

  private verified(sessionToken: string): Claims {
    const [, content = '', proof = ''] = sessionToken.split('.');
    const expected = Buffer.from(this.proofOf(content));
    const given = Buffer.from(proof);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw invalidToken();
    const claims = JSON.parse(Buffer.from(content, 'base64url').toString()) as Claims;
    if (this.read.size >= MOST_READ) this.read.clear();
    this.read.set(sessionToken, claims);
    return claims;
  }

  private proofOf(content: string): string {
    return createHmac('sha256', this.key).update(content).digest('base64url');
  }
}
