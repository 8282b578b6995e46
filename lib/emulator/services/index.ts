import type { OptionCheck } from '../core';
import { knownProvider } from '../cloudformation/known-types';
import { engineTypes } from '../cloudformation/resources';
import type { Provider, ResourceContext } from '../cloudformation/provider/contract';
import type { DeploymentContext } from '../cloudformation/provider/deployment-context';
import { autoscaling } from './autoscaling';
import { cloudwatch } from './cloudwatch';
import { dynamodb } from './dynamodb';
import { ec2 } from './ec2';
import { events } from './events';
import { iam } from './iam';
import { kinesis } from './kinesis';
import { kms } from './kms';
import { lambda } from './lambda';
import { logs } from './logs';
import { s3 } from './s3';
import { scheduler } from './scheduler';
import type { AnyServiceDefinition } from './service-definition';
import { secretsmanager } from './secretsmanager';
import { sns } from './sns';
import { sqs } from './sqs';
import { ssm } from './ssm';
import { sts } from './sts';

/** All services. To add one: its folder, and its name here. */
export const SERVICES = [
  kms,
  sqs,
  kinesis,
  lambda,
  ec2,
  autoscaling,
  cloudwatch,
  logs,
  iam,
  s3,
  ssm,
  sts,
  events,
  scheduler,
  dynamodb,
  secretsmanager,
  sns,
] as const;

/** The same, where it does not matter which is which. */
export const DEFINITIONS: readonly AnyServiceDefinition[] = SERVICES;

type Definition = (typeof SERVICES)[number];

/** The name of a service: `sqs`. */
export type ServiceName = Definition['name'];

/** The names of the services that have an API, in order. */
export const SERVICE_NAMES: readonly ServiceName[] = SERVICES.filter((definition) => 'protocol' in definition)
  .map(({ name }) => name)
  .sort();

/** The names of emulated services in AWS's host names: `sqs`, `monitoring`. */
export const HOST_NAMES: ReadonlySet<string> = new Set(
  DEFINITIONS.flatMap(({ protocol }) => protocol?.hostNames ?? (protocol ? [protocol.signingName] : [])),
);

/** The services of one account and Region, by name. */
export type Services = {
  readonly [D in Definition as D['name']]: ReturnType<D['create']>;
};

type OptionsOf<D> = D extends { create(dependencies: { readonly options: infer Options }): unknown } ? Options : never;
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void ? All : never;

/** What can be set of the services. */
export type ServiceOptions = Intersection<OptionsOf<Definition>>;

/** How each option of the services is checked. */
export const OPTION_CHECKS = Object.assign({}, ...DEFINITIONS.map((definition) => definition.options)) as Readonly<
  Record<keyof ServiceOptions, OptionCheck>
>;

/** The names of the services' options. */
export const SERVICE_OPTIONS: readonly string[] = Object.keys(OPTION_CHECKS);

type StatusOf<D> = D extends { readonly status?: { of(service: never): infer Status } } ? Status : never;

/** What the services say of themselves, by section. */
export type ServiceStatus = Intersection<StatusOf<Definition>>;

/** The sections of {@link ServiceStatus}. */
export const STATUS_SECTIONS: readonly string[] = DEFINITIONS.flatMap(({ status }) => status?.sections ?? []);

/** The definition of a service; undefined if there is none of that name. */
export function definitionOf(name: string): AnyServiceDefinition | undefined {
  return DEFINITIONS.find((definition) => definition.name === name);
}

/** All resource types: those of the services, and those of which only the name is used. */
export const RESOURCE_TYPES: readonly Provider[] = [
  ...DEFINITIONS.flatMap(({ name, resourceTypes = [] }) => resourceTypes.map((provider) => within(name, provider))),
  ...engineTypes,
].sort((a, b) => (a.type < b.type ? -1 : 1));

const byType = new Map(RESOURCE_TYPES.map((provider) => [provider.type, provider]));

/** The provider of a resource type; undefined if neither the emulator nor CloudFormation has it. */
export function providerOf(type: string): Provider | undefined {
  return byType.get(type) ?? knownProvider(type);
}

/** A service's provider as the engine calls it: with the service at hand. */
function within(name: string, provider: Provider<ResourceContext<unknown>>): Provider {
  const at = (context: DeploymentContext): ResourceContext<unknown> => ({
    ...context,
    service: context.serviceOf(name),
    inRegion: (region) => context.serviceOf(name, region),
  });
  const { unique, update, delete: remove } = provider;
  return {
    ...provider,
    unique: unique && {
      ...unique,
      name: (resource, context) => unique.name(resource, at(context)),
      exists: (resource, context) => unique.exists?.(resource, at(context)) ?? false,
    },
    create: (resource, context) => provider.create(resource, at(context)),
    update: update && ((resource, context) => update(resource, at(context))),
    delete: remove && ((resource, context) => remove(resource, at(context))),
  };
}
