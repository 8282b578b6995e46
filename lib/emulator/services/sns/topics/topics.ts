import type { CreateTopicInput, Tag } from '@aws-sdk/client-sns';
import type { RequestContext } from '../../../core';
import { parseArn } from '../../../core';
import { requiredArn } from '../arns';
import { invalidParameter, ownerOnly, resourceNotFound, tagLimitExceeded, topicLimitExceeded } from '../errors';
import type { SnsLimits } from '../limits';
import { Topic } from './topic';
import { checkTopicAttribute, describeTopic, IMMUTABLE } from './topic-attributes';

/** The collaborators of {@link Topics}. */
export interface TopicsDependencies {
  readonly account: string;
  readonly region: string;
  readonly limits: SnsLimits;
}

const NAME = /^[a-zA-Z0-9_-]{1,256}$/;
const FIFO = '.fifo';
const LONGEST_NAME = 256;

/** The topics of an account and Region. */
export class Topics {
  private readonly byName = new Map<string, Topic>();
  private eventsOfDeleted = 0;

  constructor(private readonly dependencies: TopicsDependencies) {}

  public named(name: string): Topic | undefined {
    return this.byName.get(name);
  }

  /** All topics, by name. */
  public all(): Topic[] {
    return [...this.byName.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
  }

  /** How many events the metrics have counted. */
  public get events(): number {
    let events = this.eventsOfDeleted;
    for (const { metrics } of this.byName.values()) events += metrics.events;
    return events;
  }

  /** Creates a topic, or returns the one of this name if it has the same attributes and tags. */
  public create({ Name: name = '', Attributes: given = {}, Tags: tags = [] }: CreateTopicInput): Topic {
    const fifo = given.FifoTopic?.toLowerCase() === 'true';
    checkName(name, fifo);
    const { account, region, limits } = this.dependencies;
    const attributes = new Map<string, string>();
    for (const [attribute, value] of Object.entries(given)) {
      if (IMMUTABLE.includes(attribute)) continue;
      attributes.set(attribute, checkTopicAttribute(attribute, value, fifo, limits, 'Attributes Reason: '));
    }
    this.checkTags(new Map(), tags);
    const existing = this.byName.get(name);
    if (existing !== undefined) return checkSame(existing, attributes, tags);
    const most = fifo ? limits.fifoTopics : limits.standardTopics;
    const alike = most === Infinity ? 0 : this.all().filter((topic) => topic.fifo === fifo).length;
    if (alike >= most) throw topicLimitExceeded(most);
    const topic = new Topic({ name, account, region, fifo });
    for (const [attribute, value] of attributes) topic.attributes.set(attribute, value);
    this.tag(topic, tags);
    this.byName.set(name, topic);
    return topic;
  }

  public delete(topic: Topic): void {
    for (const subscription of topic.subscriptions.values()) subscription.ended = true;
    this.eventsOfDeleted += topic.metrics.events;
    this.byName.delete(topic.name);
  }

  public setAttribute(topic: Topic, name: string, value: string): void {
    if (IMMUTABLE.includes(name)) throw invalidParameter('AttributeName');
    topic.attributes.set(name, checkTopicAttribute(name, value, topic.fifo, this.dependencies.limits, ''));
    if (name === 'Policy') topic.policy = undefined;
  }

  public tag(topic: Topic, tags: readonly Tag[]): void {
    this.checkTags(topic.tags, tags);
    for (const { Key = '', Value = '' } of tags) topic.tags.set(Key, Value);
  }

  /** Finds the topic of a request about tags, which only the owner may make. */
  public forTags(text: string | undefined, context: RequestContext): Topic {
    const { account, region, resource } = requiredArn('ResourceArn', text);
    const own = account === this.dependencies.account && region === this.dependencies.region;
    const topic = own ? this.byName.get(resource) : undefined;
    if (topic === undefined) throw resourceNotFound();
    const isOwner = parseArn(context.principal)?.account === topic.account;
    if (!isOwner) throw ownerOnly(context.principal, 'TagResource', topic.arn);
    return topic;
  }

  private checkTags(existing: ReadonlyMap<string, string>, tags: readonly Tag[]): void {
    const keys = new Set(tags.map(({ Key }) => Key));
    if (keys.size < tags.length) throw invalidParameter('Duplicated keys are not allowed.');
    const { tags: most } = this.dependencies.limits;
    if (new Set([...existing.keys(), ...keys]).size > most) throw tagLimitExceeded(most);
  }
}

function checkName(name: string, fifo: boolean): void {
  const base = name.endsWith(FIFO) ? name.slice(0, -FIFO.length) : name;
  if (fifo && (!name.endsWith(FIFO) || name.length > LONGEST_NAME || !NAME.test(base))) {
    throw invalidParameter(
      'Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.',
    );
  }
  if (!fifo && !NAME.test(name)) throw invalidParameter('Topic Name');
}

function checkSame(topic: Topic, attributes: ReadonlyMap<string, string>, tags: readonly Tag[]): Topic {
  const current = describeTopic(topic);
  for (const [name, value] of attributes) {
    if ((current[name] ?? '') !== value) {
      throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
    }
  }
  for (const { Key = '', Value = '' } of tags) {
    if (topic.tags.get(Key) !== Value) throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
  return topic;
}
