import { AwsError } from '../../core';
import type { Random } from '../../clock';

/** The launch data of an instance: the supported part of `AWS::EC2::LaunchTemplate`. */
export interface LaunchTemplateData {
  readonly imageId?: string;
  readonly instanceType?: string;
  /** The user data, in base64. It runs on the instance's first boot. */
  readonly userData?: string;
  /** The name or ARN of the instance profile. */
  readonly iamInstanceProfile?: string;
  /** The tags of launched instances. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether Spot Instances are launched. */
  readonly spot?: boolean;
}

/** A version of a launch template, as created. */
export interface CreatedLaunchTemplate {
  readonly launchTemplateId: string;
  readonly launchTemplateName: string;
  readonly version: number;
}

/** A version of a launch template and its data. */
export interface LaunchTemplateVersion extends CreatedLaunchTemplate {
  readonly data: LaunchTemplateData;
}

/** In bytes, before base64 encoding. */
export const LARGEST_USER_DATA = 16_384;

/** The collaborators and settings of {@link Ec2}. */
export interface Ec2Dependencies {
  readonly random: Random;
}

interface Template {
  readonly launchTemplateId: string;
  readonly launchTemplateName: string;
  readonly versions: LaunchTemplateData[];
  defaultVersion: number;
}

/** The launch templates of an account in a Region. */
export class Ec2 {
  private readonly byId = new Map<string, Template>();
  private readonly byName = new Map<string, Template>();
  private readonly random: Random;

  constructor(dependencies: Ec2Dependencies) {
    this.random = dependencies.random.fork('ec2');
  }

  /**
   * Creates a template with `data` as its version 1. A template without a name is named after its id.
   * @throws AwsError `InvalidLaunchTemplateName.AlreadyExistsException` if the name is taken,
   * `InvalidLaunchTemplateName.MalformedException` if it is not 3 to 128 letters, digits or `-().,/_`,
   * `InvalidUserData.Malformed` if the user data is longer than {@link LARGEST_USER_DATA}
   */
  public create(name: string | undefined, data: LaunchTemplateData): CreatedLaunchTemplate {
    const launchTemplateId = `lt-0${this.random.hex(16)}`;
    const launchTemplateName = name ?? launchTemplateId;
    if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(launchTemplateName)) {
      throw new AwsError(
        'InvalidLaunchTemplateName.MalformedException',
        `Launch template name ${launchTemplateName} is invalid: 3 to 128 characters of a-z, A-Z, 0-9, ( ) . - / _ are allowed.`,
      );
    }
    if (this.byName.has(launchTemplateName)) {
      throw new AwsError(
        'InvalidLaunchTemplateName.AlreadyExistsException',
        `Launch template name already in use: ${launchTemplateName}`,
      );
    }
    checkUserData(data);
    const template: Template = { launchTemplateId, launchTemplateName, versions: [data], defaultVersion: 1 };
    this.byId.set(launchTemplateId, template);
    this.byName.set(launchTemplateName, template);
    return { launchTemplateId, launchTemplateName, version: 1 };
  }

  /** Adds a version, which becomes `$Latest` but not `$Default`. */
  public createVersion(idOrName: string, data: LaunchTemplateData): CreatedLaunchTemplate {
    const template = this.find(idOrName);
    checkUserData(data);
    template.versions.push(data);
    const { launchTemplateId, launchTemplateName } = template;
    return { launchTemplateId, launchTemplateName, version: template.versions.length };
  }

  /** Makes a version the `$Default` one. */
  public setDefaultVersion(idOrName: string, version: number): void {
    const template = this.find(idOrName);
    this.versionOf(template, String(version));
    template.defaultVersion = version;
  }

  /** Deletes a template and all of its versions. Instances launched from it stay. */
  public delete(idOrName: string): void {
    const template = this.find(idOrName);
    this.byId.delete(template.launchTemplateId);
    this.byName.delete(template.launchTemplateName);
  }

  /** The version numbers of `$Default` and `$Latest`. */
  public versions(idOrName: string): { readonly defaultVersion: number; readonly latestVersion: number } {
    const template = this.find(idOrName);
    return { defaultVersion: template.defaultVersion, latestVersion: template.versions.length };
  }

  /**
   * The data of a version, which is a number, `$Latest` or `$Default`.
   * @throws AwsError `InvalidLaunchTemplateId.NotFound`, `InvalidLaunchTemplateName.NotFoundException` or
   * `InvalidLaunchTemplateId.VersionNotFound`
   */
  public resolve(idOrName: string, version: string): LaunchTemplateData {
    return this.versionOf(this.find(idOrName), version);
  }

  /** Like {@link resolve}, with the number of `$Latest` or `$Default`. Throws the same errors. */
  public describe(idOrName: string, version: string): LaunchTemplateVersion {
    const template = this.find(idOrName);
    const data = this.versionOf(template, version);
    const { launchTemplateId, launchTemplateName } = template;
    return { launchTemplateId, launchTemplateName, version: this.numberOf(template, version), data };
  }

  private find(idOrName: string): Template {
    const template = this.byId.get(idOrName) ?? this.byName.get(idOrName);
    if (template !== undefined) return template;
    if (idOrName.startsWith('lt-')) {
      throw new AwsError(
        'InvalidLaunchTemplateId.NotFound',
        `The specified launch template, with template ID ${idOrName}, does not exist.`,
      );
    }
    throw new AwsError(
      'InvalidLaunchTemplateName.NotFoundException',
      `The specified launch template, with template name ${idOrName}, does not exist.`,
    );
  }

  private versionOf(template: Template, version: string): LaunchTemplateData {
    const number = this.numberOf(template, version);
    if (number >= 1 && number <= template.versions.length) return template.versions[number - 1];
    throw new AwsError(
      'InvalidLaunchTemplateId.VersionNotFound',
      `Could not find the specified version ${version} for the launch template with ID ${template.launchTemplateId}.`,
    );
  }

  private numberOf(template: Template, version: string): number {
    if (version === '$Latest') return template.versions.length;
    if (version === '$Default') return template.defaultVersion;
    return /^\d+$/.test(version) ? Number(version) : NaN;
  }
}

/** The size of user data after base64 decoding, in bytes. */
export function userDataSize({ userData = '' }: Pick<LaunchTemplateData, 'userData'>): number {
  return Buffer.byteLength(userData, 'base64');
}

function checkUserData(data: LaunchTemplateData): void {
  if (userDataSize(data) <= LARGEST_USER_DATA) return;
  throw new AwsError('InvalidUserData.Malformed', `User data is limited to ${LARGEST_USER_DATA} bytes.`);
}
