/** A version of Node.js that Amazon Linux 2023 has packages of. */
export enum NodeVersion {
  /**
   * Node.js 20, whose support has ended (April 2026).
   */
  NODEJS_20 = '20',
  /** Node.js 22, supported until April 2027. */
  NODEJS_22 = '22',
  /** Node.js 24, supported until April 2028. */
  NODEJS_24 = '24',
}

/** Versions that no longer get security updates, and when they had their last. */
export const UNSUPPORTED_NODE_VERSIONS: ReadonlyMap<string, string> = new Map([[NodeVersion.NODEJS_20, 'April 2026']]);
