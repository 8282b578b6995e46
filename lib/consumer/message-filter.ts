/**
 * A pattern that a message must match to reach a function. Lambda looks at nothing but the message's own content, and
 * **deletes the messages of a queue that match no filter**.
 *
 * A message that is not JSON matches no `json` filter, and one that is matches no `text` filter.
 */
export class MessageFilter {
  /**
   * Messages of JSON, by their fields.
   *
   * @param fields fields and what they must be, each a `FilterRule` of aws-cdk-lib/aws-lambda or an object of fields; of
   * a change in a table: `{ eventName: ['INSERT'], dynamodb: { NewImage: { kind: { S: ['paid'] } } } }`
   */
  public static json(fields: { [name: string]: unknown }): MessageFilter {
    return new MessageFilter(fields);
  }

  /**
   * Messages of plain text.
   *
   * @param rule what the text must be: a `FilterRule` of aws-cdk-lib/aws-lambda
   */
  public static text(rule: unknown[]): MessageFilter {
    return new MessageFilter(rule);
  }

  private constructor(private readonly content: unknown) {}

  /**
   * The pattern as Lambda wants it.
   *
   * @param key where the content is: `body` of a queue's message, `data` of a stream's record; a change in a table is all
   * content
   * @internal
   */
  public _patternOf(key: 'body' | 'data' | 'record'): string {
    return JSON.stringify(key === 'record' ? this.content : { [key]: this.content });
  }

  /** @internal */
  public get _isText(): boolean {
    return Array.isArray(this.content);
  }
}
