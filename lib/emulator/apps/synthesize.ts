/** A CDK app or stage, as far as the emulator needs it. */
export interface SynthesizableApp {
  synth(): { readonly directory: string };
}

/** Options of synthesis. */
export interface SynthesisOptions {
  /**
   * Whether the CDK validates the templates against CloudFormation's schemas, as newer versions do by default. The
   * first validation in a process takes several seconds, about as long as jest's default timeout; the emulator refuses
   * what it cannot deploy either way. If true, the CDK's own settings decide, such as `CDK_VALIDATION`.
   * @default false
   */
  readonly validate?: boolean;
}

/** Synthesizes an app. Returns the directory of its cloud assembly. */
export function synthesize(app: SynthesizableApp, { validate = false }: SynthesisOptions = {}): string {
  if (validate) return app.synth().directory;
  const { CDK_VALIDATION: before } = process.env;
  process.env.CDK_VALIDATION = 'false';
  try {
    return app.synth().directory;
  } finally {
    if (before === undefined) delete process.env.CDK_VALIDATION;
    else process.env.CDK_VALIDATION = before;
  }
}

export function isSynthesizable(root: unknown): root is SynthesizableApp {
  return typeof (root as Partial<SynthesizableApp> | undefined)?.synth === 'function';
}
