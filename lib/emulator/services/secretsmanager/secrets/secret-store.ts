import type { Clock, Random } from '../../../clock';
import { formatArn } from '../../../core';
import { markedForDeletion, notFound } from '../errors';
import type { Secret } from './secret';

const SUFFIX_LENGTH = 6;
const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What {@link SecretStore} needs. */
export interface SecretStoreDependencies {
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly account: string;
  readonly region: string;
}

/** The secrets of an account and Region, by name. */
export class SecretStore {
  private readonly secrets = new Map<string, Secret>();

  constructor(private readonly dependencies: SecretStoreDependencies) {}

  /** All secrets, those that await their deletion too. */
  public get all(): Secret[] {
    return [...this.secrets.keys()].flatMap((name) => this.named(name) ?? []);
  }

  /** A secret by its name; undefined if there is none. */
  public named(name: string): Secret | undefined {
    const secret = this.secrets.get(name);
    if (secret?.deletion === undefined || secret.deletion.goneAt > this.dependencies.clock.now()) return secret;
    this.remove(secret);
    return undefined;
  }

  /** Finds a secret by its name or ARN, the latter with or without its random suffix; also one that is deleted. */
  public find(id: string): Secret {
    const name = /^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:(.+)$/.exec(id)?.[1] ?? id;
    const isArn = name !== id;
    const secret = this.named(name) ?? (isArn ? this.named(name.slice(0, -SUFFIX_LENGTH - 1)) : undefined);
    if (secret === undefined || (isArn && !secret.arn.startsWith(id))) throw notFound();
    return secret;
  }

  /** Finds a secret that is not deleted. */
  public findLive(id: string): Secret {
    const secret = this.find(id);
    if (secret.deletion !== undefined) throw markedForDeletion();
    return secret;
  }

  public create(name: string): Secret {
    const { clock, random, account, region } = this.dependencies;
    const suffix = Array.from(
      { length: SUFFIX_LENGTH },
      () => SUFFIX_LETTERS[random.integer(0, SUFFIX_LETTERS.length - 1)],
    );
    const arn = formatArn('secretsmanager', region, account, `secret:${name}-${suffix.join('')}`);
    const now = clock.now();
    const secret: Secret = { name, arn, createdAt: now, changedAt: now, versions: new Map(), tags: new Map() };
    this.secrets.set(name, secret);
    return secret;
  }

  public remove(secret: Secret): void {
    secret.rotation?.timer?.cancel();
    this.secrets.delete(secret.name);
  }
}
