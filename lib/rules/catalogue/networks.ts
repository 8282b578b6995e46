import { type Deployment } from '../template/deployment';
import { at, booleanIn, list } from '../template/json';
import { type Resource } from '../template/resource';
import { rolePolicies } from './role-policies';
import { check, type Subject, type TemplateRule } from './template-rule';

interface Endpoint extends Subject {
  readonly service?: string;
  /** Another endpoint that answers to the service's own name in the same VPC. */
  readonly rival?: Resource;
}

/** Interface endpoints that answer to the service's own name. */
function* endpoints(app: Deployment): Iterable<Endpoint> {
  const known: { readonly resource: Resource; readonly vpc: unknown; readonly service: string }[] = [];
  for (const resource of app.ofType('AWS::EC2::VPCEndpoint')) {
    const service = app.text(resource.get('ServiceName'), resource.stack);
    const vpc = placeOf(app, resource.get('VpcId'), resource);
    if (booleanIn(resource.get('PrivateDnsEnabled')) !== true || service === undefined || vpc === undefined) continue;
    const rival = known.find((one) => one.vpc === vpc && one.service === service)?.resource;
    known.push({ resource, vpc, service });
    yield { resource, service, rival };
  }
}

/** A resource of the app, or the text that names one elsewhere. */
function placeOf(app: Deployment, value: unknown, { stack }: Resource): unknown {
  return app.target(value, stack)?.resource ?? app.text(value, stack);
}

const ENDPOINT_RULES: readonly TemplateRule<Endpoint>[] = [
  {
    id: 'Spillway-Network-EndpointsConflict',
    property: 'PrivateDnsEnabled',
    broken: ({ rival }) => rival !== undefined,
    message: ({ service, rival }) =>
      `must be true for one endpoint of ${service} in a VPC, but is for ${rival?.path} as well; EC2 refuses the second, as both answer to the service's name`,
  },
];

interface Isolated extends Subject {
  readonly property: string;
  readonly subnets: readonly Resource[];
}

/** What uses queues, where it runs, and as which role. */
interface Worker extends Subject {
  readonly property: string;
  readonly subnets: readonly unknown[];
  readonly role?: Resource;
}

function* workers(app: Deployment): Iterable<Worker> {
  for (const resource of app.ofType('AWS::Lambda::Function')) {
    const subnets = list(resource.get('VpcConfig', 'SubnetIds'));
    const role = app.target(resource.get('Role'), resource.stack)?.resource;
    yield { resource, property: 'VpcConfig.SubnetIds', subnets, role };
  }
  for (const resource of app.ofType('AWS::AutoScaling::AutoScalingGroup')) {
    const template = app.target(resource.get('LaunchTemplate', 'LaunchTemplateId'), resource.stack)?.resource;
    const profile = template?.get('LaunchTemplateData', 'IamInstanceProfile');
    const instanceProfile = template && [...app.targets(profile, template.stack)][0];
    const role = instanceProfile && [...app.targets(instanceProfile.get('Roles'), instanceProfile.stack)][0];
    yield { resource, property: 'VPCZoneIdentifier', subnets: list(resource.get('VPCZoneIdentifier')), role };
  }
  for (const resource of app.ofType('AWS::ECS::Service')) {
    const network = resource.get('NetworkConfiguration', 'AwsvpcConfiguration');
    const task = app.target(resource.get('TaskDefinition'), resource.stack)?.resource;
    const role = task && app.target(task.get('TaskRoleArn'), task.stack)?.resource;
    const property = 'NetworkConfiguration.AwsvpcConfiguration.Subnets';
    yield { resource, property, subnets: list(at(network, 'Subnets')), role };
  }
}

/** Workers that call SQS from subnets without a way to it. */
function* isolated(app: Deployment): Iterable<Isolated> {
  const users = new Set([...rolePolicies(app)].filter(usesQueues).map(({ role }) => role));
  const withoutRoutes = subnetsWithoutRoutes(app);
  const vpcs = vpcsWithQueues(app);
  for (const { resource, property, subnets: ids, role } of workers(app)) {
    if (role === undefined || !users.has(role)) continue;
    const subnets = ids.flatMap((id) => app.target(id, resource.stack)?.resource ?? []);
    const cutOff = subnets.filter(
      (subnet) => withoutRoutes.has(subnet) && !vpcs.has(placeOf(app, subnet.get('VpcId'), subnet)),
    );
    if (cutOff.length > 0) yield { resource, property, subnets: cutOff };
  }
}

function usesQueues({ statements }: { readonly statements: readonly { readonly statement: unknown }[] }): boolean {
  return statements.some(({ statement }) =>
    list(at(statement, 'Action')).some((action) => typeof action === 'string' && action.startsWith('sqs:')),
  );
}

/** The subnets whose route table has no route of its own, so that it leads nowhere but within the VPC. */
function subnetsWithoutRoutes(app: Deployment): ReadonlySet<Resource> {
  const routed = new Set(app.ofType('AWS::EC2::Route').map((route) => placeOf(app, route.get('RouteTableId'), route)));
  const found = new Set<Resource>();
  for (const one of app.ofType('AWS::EC2::SubnetRouteTableAssociation')) {
    const subnet = app.target(one.get('SubnetId'), one.stack)?.resource;
    const table = app.target(one.get('RouteTableId'), one.stack)?.resource;
    if (subnet !== undefined && table !== undefined && !routed.has(table)) found.add(subnet);
  }
  return found;
}

/** The VPCs in which SQS has an endpoint. */
function vpcsWithQueues(app: Deployment): ReadonlySet<unknown> {
  const withSqs = app
    .ofType('AWS::EC2::VPCEndpoint')
    .filter((one) => app.text(one.get('ServiceName'), one.stack)?.endsWith('.sqs') !== false);
  return new Set(withSqs.map((one) => placeOf(app, one.get('VpcId'), one)));
}

const ISOLATED_RULES: readonly TemplateRule<Isolated>[] = [
  {
    id: 'Spillway-Network-QueueUnreachable',
    severity: 'warning',
    property: ({ property }) => property,
    broken: () => true,
    message: ({ subnets }) =>
      `should be subnets with a route out of the VPC, or in a VPC with an endpoint of SQS, but ${subnets.map(({ path }) => path).join(', ')} had neither; each call to a queue times out`,
  },
];

/** What networks must be like in which queues are used. */
export const NETWORKS = [check(endpoints, ENDPOINT_RULES), check(isolated, ISOLATED_RULES)];
