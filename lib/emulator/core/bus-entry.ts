/** An event that a service delivers to an event bus: the `source` of its {@link Delivery}. */
export interface BusEntry {
  /** `aws.cloudwatch`. */
  readonly source: string;
  readonly detailType: string;
  /** The ARNs of the resources that the event is about. */
  readonly resources?: readonly string[];
  /** A JSON object. */
  readonly detail: string;
  /**
   * In emulated milliseconds since the epoch.
   * @default - when the bus receives it
   */
  readonly time?: number;
}
