import type {
  CheckIfPhoneNumberIsOptedOutInput,
  CreatePlatformApplicationInput,
  CreatePlatformEndpointInput,
  DeleteEndpointInput,
  DeletePlatformApplicationInput,
  GetSMSAttributesInput,
  SetSMSAttributesInput,
} from '@aws-sdk/client-sns';
import { requiredArn } from './arns';
import { invalid, invalidParameter, notFound, resourceNotFound } from './errors';

const PHONE_NUMBER = /^\+[1-9]\d{6,14}$/;
const SMS_ATTRIBUTES: Readonly<Record<string, RegExp>> = {
  DefaultSMSType: /^(?:Promotional|Transactional)$/,
  DefaultSenderID: /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
  DeliveryStatusIAMRole: /^(?:arn:[^:]+:iam::\d{12}:role\/.+)?$/,
  DeliveryStatusSuccessSamplingRate: /^(?:\d{1,2}|100)$/,
  MonthlySpendLimit: /^\d+$/,
  UsageReportS3Bucket: /^.*$/,
};

/**
 * Text messages and mobile push, which the emulator does not send: there are no applications, endpoints and phone
 * numbers, and SNS's own errors say so.
 */
export class Mobile {
  private readonly smsAttributes = new Map<string, string>();

  public publishTo(phoneNumber: string): never {
    if (!PHONE_NUMBER.test(phoneNumber)) {
      throw invalidParameter(`PhoneNumber Reason: ${phoneNumber} is not valid to publish to`);
    }
    throw invalidParameter(`PhoneNumber Reason: the emulator sends no text messages, also not to ${phoneNumber}`);
  }

  public createPlatformApplication({
    Name: name = '',
    Platform: platform = '',
  }: CreatePlatformApplicationInput): never {
    if (name === '') throw invalidParameter(' Reason: cannot be empty');
    if (name.length > 256) throw invalidParameter(`${name} Reason: must be at most 256 characters long`);
    if (!/^[\w.-]+$/.test(name)) {
      throw invalidParameter(
        `${name} Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'`,
      );
    }
    throw invalidParameter(`Platform Reason: ${platform} is not supported`);
  }

  /** Every action on an application but its deletion, which succeeds. */
  public onPlatformApplication(arn: string | undefined): never {
    requiredArn('PlatformApplicationArn', arn);
    throw notFound('PlatformApplication');
  }

  public deletePlatformApplication({ PlatformApplicationArn: arn }: DeletePlatformApplicationInput): void {
    requiredArn('PlatformApplicationArn', arn);
  }

  public createPlatformEndpoint({ PlatformApplicationArn: arn }: CreatePlatformEndpointInput): never {
    return this.onPlatformApplication(arn);
  }

  /** Every action on an endpoint but its deletion, which succeeds. */
  public onEndpoint(arn: string | undefined): never {
    const { resource } = requiredArn('EndpointArn', arn);
    if (resource.split('/').length !== 4) {
      throw invalidParameter('EndpointArn Reason: Wrong number of slashes in relative portion of the ARN.');
    }
    throw notFound('Endpoint');
  }

  public deleteEndpoint({ EndpointArn: arn }: DeleteEndpointInput): void {
    requiredArn('EndpointArn', arn);
  }

  public setSmsAttributes({ attributes = {} }: SetSMSAttributesInput): void {
    for (const [name, value] of Object.entries(attributes)) {
      if (!Object.hasOwn(SMS_ATTRIBUTES, name)) throw invalid(`${name} is not a valid attribute`);
      if (!SMS_ATTRIBUTES[name].test(value)) throw invalid(`${name} is invalid`);
    }
    for (const [name, value] of Object.entries(attributes)) this.smsAttributes.set(name, value);
  }

  public getSmsAttributes({ attributes: names = [] }: GetSMSAttributesInput): Record<string, string> {
    const all = [...this.smsAttributes];
    return Object.fromEntries(names.length === 0 ? all : all.filter(([name]) => names.includes(name)));
  }

  public isOptedOut({ phoneNumber = '' }: CheckIfPhoneNumberIsOptedOutInput): boolean {
    this.checkNumber(phoneNumber);
    return false;
  }

  public checkNumber(phoneNumber: string): void {
    if (!PHONE_NUMBER.test(phoneNumber)) throw invalidParameter('PhoneNumber Reason: input incorrectly formatted');
  }

  /** No phone number can be added to the sandbox, so none is there. */
  public onSandboxNumber(phoneNumber: string): never {
    this.checkNumber(phoneNumber);
    throw resourceNotFound();
  }
}
