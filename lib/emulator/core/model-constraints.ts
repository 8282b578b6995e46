import { AwsError } from './aws-error';

/**
 * Collects violations of an API model's constraints, as AWS's common validator reports them: all of a request's at
 * once. `where` is the member's name in lowerCamelCase. An undefined value violates nothing.
 */
export class ModelConstraints {
  private readonly violations: string[] = [];

  /** @param sensitive whether the message must not show the value */
  public length(
    where: string,
    value: { readonly length: number } | undefined,
    least: number,
    most = Infinity,
    sensitive = false,
  ): this {
    if (value === undefined) return this;
    const shown = sensitive ? undefined : value;
    if (value.length < least) this.add(where, shown, `have length greater than or equal to ${least}`);
    if (value.length > most) this.add(where, shown, `have length less than or equal to ${most}`);
    return this;
  }

  public range(where: string, value: number | undefined, least: number, most = Infinity): this {
    if (value === undefined) return this;
    if (value < least) this.add(where, value, `have value greater than or equal to ${least}`);
    if (value > most) this.add(where, value, `have value less than or equal to ${most}`);
    return this;
  }

  /** @param pattern as the model has it: the whole value must match */
  public pattern(where: string, value: string | undefined, pattern: string): this {
    if (value !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)) {
      this.add(where, value, `satisfy regular expression pattern: ${pattern}`);
    }
    return this;
  }

  public oneOf(where: string, value: string | undefined, allowed: readonly string[]): this {
    if (value !== undefined && !allowed.includes(value)) {
      this.add(where, value, `satisfy enum value set: [${allowed.join(', ')}]`);
    }
    return this;
  }

  /** Notes a violation if `value` is missing. Returns whether it is there. */
  public required<T>(where: string, value: T | undefined): value is T {
    if (value === undefined) this.violations.push(`Value null at '${where}' failed to satisfy constraint: ${NOT_NULL}`);
    return value !== undefined;
  }

  /** @throws AwsError of this shape if there is a violation */
  public check(shape: string): void {
    const { length } = this.violations;
    if (length === 0) return;
    const count = `${length} validation error${length === 1 ? '' : 's'} detected: `;
    throw new AwsError(shape, count + this.violations.join('; '));
  }

  private add(where: string, value: unknown, must: string): void {
    const shown = value === undefined ? '' : `'${show(value)}' `;
    this.violations.push(`Value ${shown}at '${where}' failed to satisfy constraint: Member must ${must}`);
  }
}

const NOT_NULL = 'Member must not be null';

function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
