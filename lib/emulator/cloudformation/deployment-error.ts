/**
 * The reason why a stack cannot be created or updated, in one line that names the stack and the place in its template.
 */
export class DeploymentError extends Error {
  constructor(
    public readonly stackName: string,
    /** The place in the template: `Resources.Jobs.Properties.DelaySeconds`; empty where it is the stack as a whole. */
    public readonly path: string,
    public readonly problem: string,
    cause?: unknown,
  ) {
    super([stackName, path, problem].filter((part) => part !== '').join(': '), cause === undefined ? {} : { cause });
    this.name = 'DeploymentError';
  }

  /** The same error, with a text on what happened next. */
  public withConsequence(consequence: string): DeploymentError {
    const problem = `${this.problem.replace(/\.$/, '')}; ${consequence}`;
    return new DeploymentError(this.stackName, this.path, problem, this.cause);
  }
}
