import type { Random } from '../../clock';
import type { NewResource } from '../provider/contract';
import type { DeploymentContext } from '../provider/deployment-context';
import type { Json } from '../provider/json';
import { EXCEPTIONS, type Exception } from './exceptions';
import type { KnownType } from './known-type';

const LOWER = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ALPHABETS: Readonly<Record<string, string>> = {
  digits: '0123456789',
  hex: '0123456789abcdef',
  lower: LOWER,
  mixed: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
  upper: LOWER.toUpperCase(),
};
const LONGEST_NAME = 64;

/** How EC2 begins the ids of a type, where it is not the capitals of its name: `vpce` for a VPCEndpoint. */
const EC2_PREFIXES: Readonly<Record<string, string>> = {
  Instance: 'i',
  NetworkInterface: 'eni',
  TransitGateway: 'tgw',
  TransitGatewayAttachment: 'tgw-attach',
  Volume: 'vol',
  VPCPeeringConnection: 'pcx',
  VPNGateway: 'vgw',
};

/**
 * A resource that nothing stands for: its `Ref`, ARN and attributes have the shapes that AWS gives them. The same
 * resource always gets the same ones.
 *
 * They are texts with variables: `{Region}`, `{Account}`, `{Name}`, `{Id}`, `{Ref}`, `{Arn}`; a property, `{Family}`, of
 * which `{Cluster.last}` is what follows the last colon or slash, and `{ListenerArn.tail}` what follows the first slash;
 * random characters, such as `{lower:10}`, `{uuid}` and `{octet}`.
 */
export class KnownResource {
  private readonly exception: Exception;

  constructor(
    private readonly known: KnownType,
    private readonly resource: NewResource,
    private readonly context: DeploymentContext,
  ) {
    const exception = EXCEPTIONS[known.type] ?? {};
    this.exception = typeof exception === 'function' ? exception(resource.properties) : exception;
  }

  /** The template's name for it, else one of CloudFormation's form. */
  public get name(): string {
    const { namedBy } = this.known;
    const given = namedBy === undefined ? undefined : this.property(namedBy);
    if (given !== undefined) return given;
    const { longest = LONGEST_NAME, lowerCase = false } = this.exception;
    const name = this.resource.name({ longest });
    return lowerCase ? name.toLowerCase() : name;
  }

  public get ref(): string {
    const { identifiers } = this.known;
    if (this.exception.ref !== undefined) return this.fill(this.exception.ref);
    if (identifiers.length === 0) return this.name;
    return identifiers.map((identifier) => this.identifier(identifier)).join('|');
  }

  public get arn(): string {
    const template = this.exception.arn ?? this.known.arn ?? `${this.service}:{Region}:{Account}:${this.kind}/{Name}`;
    return `arn:${this.context.partition}:${this.fill(template)}`;
  }

  /** The values of `Fn::GetAtt`. */
  public get attributes(): Record<string, Json> {
    return Object.fromEntries([...this.known.attributes.keys()].map((name) => [name, this.attribute(name)]));
  }

  private attribute(name: string): Json {
    const template = this.exception.attributes?.[name];
    if (template !== undefined) return this.fill(template);
    if (this.known.identifiers.includes(`-${name}`)) return this.identifier(`-${name}`);
    switch (this.known.attributes.get(name)) {
      case 'arn':
        return this.isOwnArn(name) ? this.arn : `${this.arn}/${lastPart(name).replace(/arn$/i, '').toLowerCase()}`;
      case 'boolean':
        return false;
      case 'list':
        return [this.text(name)];
      case 'number':
        return 0;
      default:
        return this.text(name);
    }
  }

  /** A text by what an attribute of its name usually holds. */
  private text(attribute: string): string {
    const name = lastPart(attribute);
    const host = `${this.name.toLowerCase()}.${this.service}.${this.context.region}.amazonaws.com`;
    if (/(?:Url|URL|Uri)s?$/.test(name)) return `https://${host}`;
    if (/(?:Address|Domain|DomainName|Dns|DNS|DnsName|DNSName|Endpoint|Host|Hostname)(?:es|s)?$/.test(name))
      return host;
    if (/(?:At|Date|Time|Timestamp)$/.test(name)) return '1970-01-01T00:00:00Z';
    if (/(?:Status|State)$/.test(name)) return 'ACTIVE';
    if (name.endsWith('Version')) return '1';
    if (name.endsWith('Port')) return '443';
    if (name.endsWith('AccountId') || name === 'OwnerId') return this.context.account;
    return /Ids?$/.test(name) ? this.draw('lower', 10, name) : this.name;
  }

  private identifier(identifier: string): string {
    const assigned = identifier.startsWith('-');
    const name = assigned ? identifier.slice(1) : identifier;
    if (!assigned) return this.property(name) ?? this.name;
    if (this.known.attributes.get(name) === 'arn') return this.arn;
    // Resources without an id of their own, such as policies, are called as if they had a name.
    const anonymous = name === 'Id' && this.known.identifiers.length === 1 && !this.isEc2;
    return anonymous && this.exception.id === undefined ? this.name : this.id;
  }

  private get id(): string {
    const { id } = this.exception;
    if (id !== undefined) return this.fill(id);
    if (!this.isEc2) return this.draw('lower', 10);
    const prefix = EC2_PREFIXES[this.kind] ?? this.kind.replace(/[^A-Z]/g, '').toLowerCase();
    return `${prefix}-0${this.draw('hex', 16)}`;
  }

  private fill(template: string): string {
    const variables = /\{(\w+)(?:\.(\w+))?(?::(\d+))?(?::(\w+))?\}/g;
    return template.replace(variables, (_, name: string, part?: string, length?: string, purpose?: string) => {
      const value = name in ALPHABETS ? this.draw(name, Number(length), purpose) : this.variable(name);
      if (part === 'last') return value.slice(Math.max(value.lastIndexOf(':'), value.lastIndexOf('/')) + 1);
      return part === 'tail' ? value.slice(value.indexOf('/') + 1) : value;
    });
  }

  private variable(name: string): string {
    const { region, account } = this.context;
    switch (name) {
      case 'Account':
        return account;
      case 'Arn':
        return this.arn;
      case 'Id':
        return this.id;
      case 'Name':
        return this.name;
      case 'Ref':
        return this.ref;
      case 'Region':
        return region;
      case 'octet':
        return String(this.random(name).integer(1, 254));
      case 'uuid':
        return this.random(name).uuid();
      default:
        return this.property(name) ?? this.unnamed(name);
    }
  }

  /** A variable of an ARN that is not a property: it stands for the resource's id if AWS assigns one. */
  private unnamed(variable: string): string {
    const assigned = this.known.identifiers.some((name) => name.startsWith('-') && /Id$/.test(name) && name !== '-Id');
    return (assigned || this.exception.id !== undefined) && !/Name$|Path$/.test(variable) ? this.id : this.name;
  }

  private isOwnArn(attribute: string): boolean {
    const names = ['arn', `${this.kind}arn`, `${this.kind}sarn`].map((name) => name.toLowerCase());
    return attribute === 'Id' || names.includes(attribute.toLowerCase());
  }

  private property(name: string): string | undefined {
    const value = this.resource.properties[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
  }

  private draw(alphabet: string, length: number, purpose = ''): string {
    const random = this.random(`${alphabet}${length}${purpose}`);
    const characters = ALPHABETS[alphabet];
    return Array.from({ length }, () => characters[random.integer(0, characters.length - 1)]).join('');
  }

  /** A draw depends on its purpose only, so that an update repeats it. */
  private random(purpose: string): Random {
    return this.resource.random.fork(purpose);
  }

  /** The service in ARNs: `rds`. */
  private get service(): string {
    return this.known.arn?.split(':')[0] ?? this.known.type.split('::')[1].toLowerCase();
  }

  /** The last part of the type: `DBInstance`. */
  private get kind(): string {
    return this.known.type.split('::')[2];
  }

  private get isEc2(): boolean {
    return this.known.type.startsWith('AWS::EC2::');
  }
}

function lastPart(attribute: string): string {
  return attribute.slice(attribute.lastIndexOf('.') + 1);
}
