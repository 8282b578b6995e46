/** One metric's values in one period, as a service publishes them and CloudWatch stores them. */
export interface MetricDatum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly unit: string;
  /** The start of the period, in milliseconds since the epoch. */
  readonly timestamp: number;
  readonly sampleCount: number;
  readonly sum: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** A datum with a single value. */
export function gauge(
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  unit: string,
  timestamp: number,
  value: number,
): MetricDatum {
  return { namespace, name, dimensions, unit, timestamp, sampleCount: 1, sum: value, minimum: value, maximum: value };
}
