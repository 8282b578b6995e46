import type { RotateSecretRequest, RotationRulesType } from '@aws-sdk/client-secrets-manager';
import type { Clock, Random } from '../../../clock';
import { AwsError, type RequestContext } from '../../../core';
import type { Timeline } from '../../../timeline';
import { invalidParameter, invalidRequest } from '../errors';
import type { RotationFunctions } from '../ports';
import {
  CURRENT,
  moveStage,
  PENDING,
  type Rotation,
  type Secret,
  type SecretVersion,
  versionAt,
} from '../secrets/secret';
import { checkRules, nextRotation } from './schedule';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** What {@link Rotations} needs. */
export interface RotationsDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeline: Timeline;
  readonly account: string;
  readonly region: string;
  readonly functions: () => RotationFunctions;
}

/** Rotates secrets with functions: when asked to, and on their schedules. */
export class Rotations {
  private readonly ids: Random;

  constructor(private readonly dependencies: RotationsDependencies) {
    this.ids = dependencies.random.fork('rotations');
  }

  /** Sets how a secret is rotated, and rotates it at once unless the request says otherwise. Returns the version. */
  public start(secret: Secret, input: RotateSecretRequest): string {
    const {
      RotationLambdaARN: functionArn = secret.rotation?.functionArn,
      RotationRules: rules,
      RotateImmediately: now = true,
    } = input;
    if (functionArn === undefined || functionArn === '') {
      throw invalidRequest('No Lambda rotation function ARN is associated with this secret.');
    }
    if (rules !== undefined) checkRules(rules);
    if (versionAt(secret, CURRENT) === undefined) {
      throw invalidRequest("You can't rotate a secret that has no value.");
    }
    this.checkFunction(functionArn, secret);
    const pending = versionAt(secret, PENDING);
    if (pending !== undefined && !pending.stages.has(CURRENT) && pending.id !== input.ClientRequestToken) {
      if (secret.rotation !== undefined) void this.rotate(secret, secret.rotation, pending.id);
      throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
    }
    const rotation = this.configure(secret, functionArn, rules);
    const id = input.ClientRequestToken ?? this.ids.uuid();
    if (now) void this.rotate(secret, rotation, id);
    this.schedule(secret, rotation);
    return id;
  }

  /** Ends a secret's rotation. A version that was pending stays, without its staging label. */
  public cancel(secret: Secret): void {
    const { rotation } = secret;
    if (rotation === undefined) throw invalidRequest('You tried to cancel rotation on a secret that has none.');
    rotation.timer?.cancel();
    rotation.timer = undefined;
    rotation.nextAt = undefined;
    rotation.enabled = false;
    versionAt(secret, PENDING)?.stages.delete(PENDING);
  }

  private configure(secret: Secret, functionArn: string, rules: RotationRulesType | undefined): Rotation {
    const rotation = (secret.rotation ??= { enabled: true, functionArn, rules: {} });
    rotation.enabled = true;
    rotation.functionArn = functionArn;
    if (rules !== undefined) rotation.rules = rules;
    return rotation;
  }

  private schedule(secret: Secret, rotation: Rotation): void {
    const { clock } = this.dependencies;
    rotation.timer?.cancel();
    const at = nextRotation(rotation.rules, clock.now());
    rotation.nextAt = at;
    const due = () => {
      // A rotation that failed is tried again, with the version that it has left.
      void this.rotate(secret, rotation, versionAt(secret, PENDING)?.id ?? this.ids.uuid());
      this.schedule(secret, rotation);
    };
    rotation.timer = at === undefined ? undefined : clock.schedule(at, due, 'a secret is rotated');
  }

  /** Makes a pending version and has the function fill, set, test and finish it. Ends at the first step that fails. */
  private async rotate(secret: Secret, rotation: Rotation, id: string): Promise<void> {
    const { clock, timeline, functions } = this.dependencies;
    if (secret.deletion !== undefined) return;
    const version: SecretVersion = secret.versions.get(id) ?? { id, createdAt: clock.now(), stages: new Set() };
    secret.versions.set(id, version);
    moveStage(secret, PENDING, version);
    for (const Step of STEPS) {
      const event = { Step, SecretId: secret.arn, ClientRequestToken: id };
      const failure = await functions()
        .invoke(rotation.functionArn, event, this.callerOf(secret))
        .catch((error: unknown) => {
          if (!(error instanceof AwsError)) throw error;
          return `${error.shape}: ${error.message}`;
        });
      if (failure === undefined) continue;
      timeline.record('secretsmanager.rotation-failed', secret.name, { step: Step, error: failure });
      return;
    }
    rotation.lastRotatedAt = clock.now();
    secret.changedAt = clock.now();
    if (versionAt(secret, CURRENT) === version) version.stages.delete(PENDING);
    timeline.record('secretsmanager.rotated', secret.name, { version: id });
  }

  private checkFunction(functionArn: string, secret: Secret): void {
    try {
      this.dependencies.functions().check(functionArn, this.callerOf(secret));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      if (error.shape === 'ResourceNotFoundException') {
        throw invalidParameter(`The Lambda rotation function ${functionArn} does not exist.`);
      }
      throw new AwsError(
        'AccessDeniedException',
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to ' +
          'the principal secretsmanager.amazonaws.com.',
      );
    }
  }

  private callerOf({ arn: sourceArn }: Secret): RequestContext {
    const { account, region } = this.dependencies;
    return {
      account,
      region,
      principal: 'secretsmanager.amazonaws.com',
      endpoint: '',
      sourceArn,
      sourceAccount: account,
    };
  }
}
