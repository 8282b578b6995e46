export { readAssembly, type Assembly, type AssemblyStack } from './assembly';
export { AssemblyError } from './assembly-error';
export { outputKey, type DeploymentContext } from './provider/deployment-context';
export { type DeployedResource, DeployedResources } from './deployed-resources';
export { deploy, type DeployOptions, undeploy } from './deploy';
export { DeployedStacks } from './deployed-stack';
export { DeploymentError } from './deployment-error';
export { formatChanges } from './format-changes';
export { formatReport } from './format-report';
export { ResourceOwners } from './resource-owners';
export type { Action, PropertyReport, RemovedResource, ResourceReport, StackReport, Status } from './provider/report';
export type {
  Template,
  TemplateOutput,
  TemplateParameter,
  TemplateResource,
  TemplateRule,
  TemplateAssertion,
} from './template';
export { ConstructPaths, type ConstructPath } from './construct-paths';
export type { Json, JsonObject } from './provider/json';
