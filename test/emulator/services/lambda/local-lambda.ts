import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, type InvokeCommandInput, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListQueuesCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, CfnResource, Stack } from 'aws-cdk-lib/core';
import { Emulator, type EmulatorOptions, type TimelineEvent, VirtualClock } from '../../../../lib/emulator';
import { MINUTE } from '../../../../lib/emulator/clock';

export const ACCOUNT = '000000000000';
export const REGION = 'us-east-1';
export const arnOf = (resource: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:${resource}`;
export const queueArn = (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

/** A queue consumer that does as the bodies of its messages say. */
export const CONSUMER = `
exports.handler = async (event) => {
  const bodies = event.Records.map(({ body }) => JSON.parse(body));
  for (const { sleep, throws } of bodies) {
    if (sleep) await new Promise((done) => setTimeout(done, sleep));
    if (throws) throw new Error(throws);
  }
  console.log(JSON.stringify(bodies.map(({ id }) => id)));
  const failed = event.Records.filter(({ body }) => JSON.parse(body).fails);
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;

type Resources = Readonly<Record<string, { readonly Type: string; readonly Properties: Record<string, unknown> }>>;

/** A function with inline code, as a template has it. */
export function inline(name: string, code: string, more: Record<string, unknown> = {}): Resources[string] {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: name,
      Code: { ZipFile: code },
      Handler: 'index.handler',
      Runtime: 'nodejs22.x',
      Role: `arn:aws:iam::${ACCOUNT}:role/worker`,
      ...more,
    },
  };
}

/** A cloud in virtual time that was made from a template, and real SDK clients for it. */
export class LocalLambda {
  public static async deploy(resources: Resources, options: EmulatorOptions = {}): Promise<LocalLambda> {
    const stack = new Stack(new App(), 'Test');
    for (const [id, { Type: type, Properties: properties }] of Object.entries(resources)) {
      new CfnResource(stack, id, { type, properties });
    }
    const clock = new VirtualClock();
    const output: { readonly source: string; readonly text: string }[] = [];
    const onLog = (line: (typeof output)[number]) => void output.push(line);
    const emulator = await Emulator.fromStack(stack, { clock, seed: 7, strict: true, onLog, ...options });
    const cloud = new LocalLambda(emulator, clock, output);
    // A client loads parts of itself with its first call, which takes the machine's time: virtual time does not wait.
    await cloud.lambda.send(new ListFunctionsCommand({}));
    await cloud.sqs.send(new ListQueuesCommand({}));
    return cloud;
  }

  public readonly lambda: LambdaClient;
  public readonly sqs: SQSClient;
  public readonly events: TimelineEvent[] = [];
  private readonly cloudWatch: CloudWatchClient;

  private constructor(
    public readonly emulator: Emulator,
    public readonly clock: VirtualClock,
    private readonly lines: readonly { readonly source: string; readonly text: string }[],
  ) {
    const config = { ...emulator.clientConfig(), maxAttempts: 1 };
    this.lambda = new LambdaClient(config);
    this.sqs = new SQSClient(config);
    this.cloudWatch = new CloudWatchClient(config);
    emulator.timeline.subscribe((event) => this.events.push(event));
  }

  public async stop(): Promise<void> {
    await this.emulator.stop();
  }

  /** Sends each body as a message, at this instant. */
  public async send(queue: string, bodies: readonly object[], group?: string): Promise<void> {
    for (let index = 0; index < bodies.length; index += 10) {
      await this.sqs.send(
        new SendMessageBatchCommand({
          QueueUrl: queue,
          Entries: bodies.slice(index, index + 10).map((body, place) => ({
            Id: String(place),
            MessageBody: JSON.stringify(body),
            ...(group !== undefined && { MessageGroupId: group }),
          })),
        }),
      );
    }
  }

  /** Invokes a function and gives what it answered, or its error. */
  public async invoke(input: Omit<InvokeCommandInput, 'Payload'>, event: unknown = {}) {
    const answer = await this.lambda.send(new InvokeCommand({ ...input, Payload: Buffer.from(JSON.stringify(event)) }));
    const payload = Buffer.from(answer.Payload ?? []).toString();
    return { ...answer, answer: payload === '' ? undefined : (JSON.parse(payload) as unknown) };
  }

  /**
   * Invokes a function and comes back when it runs: from then on time may pass. A client takes the machine's time to
   * sign and send, which virtual time would not wait for.
   */
  public async begin(...invocation: Parameters<LocalLambda['invoke']>) {
    const begun = new Promise<void>((resolve) => {
      const end = this.emulator.timeline.subscribe(({ kind }) => {
        if (kind !== 'lambda.invoked') return;
        end();
        resolve();
      });
    });
    const answer = this.invoke(...invocation);
    await Promise.race([begun, answer]);
    return { answer };
  }

  /** What a function has written, without the lines of Lambda's own. */
  public output(functionName: string): string[] {
    return this.lines
      .filter(
        ({ source, text }) => source === functionName && !/^(START|END|REPORT) RequestId|^Invoke Error/.test(text),
      )
      .map(({ text }) => text);
  }

  public of(kind: string): TimelineEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  /** The data points of a metric of `AWS/Lambda` since `start`, minute by minute; null where there is none. */
  public async metric(
    name: string,
    stat: string,
    dimensions: Readonly<Record<string, string>>,
    start: number,
  ): Promise<(number | null)[]> {
    const { MetricDataResults: [result] = [] } = await this.cloudWatch.send(
      new GetMetricDataCommand({
        StartTime: new Date(start),
        EndTime: new Date(this.clock.now()),
        ScanBy: 'TimestampAscending',
        MetricDataQueries: [
          {
            Id: 'm',
            MetricStat: {
              Metric: {
                Namespace: 'AWS/Lambda',
                MetricName: name,
                Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
              },
              Period: 60,
              Stat: stat,
            },
          },
        ],
      }),
    );
    const minutes = Array.from(
      { length: Math.floor((this.clock.now() - start) / MINUTE) },
      () => null as number | null,
    );
    result?.Timestamps?.forEach((at, index) => {
      minutes[(at.getTime() - start) / MINUTE] = result.Values?.[index] ?? null;
    });
    return minutes;
  }

  /** The names of the metrics of `AWS/Lambda` with exactly these dimensions. */
  public async metricNames(dimensions: Readonly<Record<string, string>>): Promise<string[]> {
    const { Metrics = [] } = await this.cloudWatch.send(new ListMetricsCommand({ Namespace: 'AWS/Lambda' }));
    const wanted = JSON.stringify(Object.entries(dimensions).sort());
    return Metrics.filter(
      ({ Dimensions = [] }) => JSON.stringify(Dimensions.map(({ Name, Value }) => [Name, Value]).sort()) === wanted,
    )
      .map(({ MetricName = '' }) => MetricName)
      .sort();
  }
}
