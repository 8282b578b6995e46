import { existsSync, type FSWatcher, readdirSync, readFileSync, watch } from 'node:fs';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import type { BuildContext, BuildOptions, Metafile } from 'esbuild';
import type { Emulator, StackReport } from '../../lib/emulator';
import { type BundleFacts, readBundle } from './bundle-sources';
import { loadEsbuild } from './esbuild';

/** Settings of {@link HotReload}. */
export interface HotReloadOptions {
  readonly emulator: Emulator;
  /** The folder of the cloud assembly. */
  readonly assembly: string;
  readonly projectRoot: string;
  /** Sources by the construct paths of functions, for bundles that do not name theirs. */
  readonly functions: Readonly<Record<string, string>>;
  readonly print: (line: string) => void;
}

/** A bundle that is made again when its sources change. */
interface Bundle {
  readonly label: string;
  readonly folder: string;
  /** The file in the folder. */
  readonly file: string;
  readonly entry: string;
  readonly facts: Pick<BundleFacts, 'external' | 'sourceMap'>;
  readonly target: string;
}

const BUNDLED_FILES = ['.js', '.mjs', '.cjs'];
/** The SDK is part of Lambda, and by default no part of a bundle. */
const SDK = ['@aws-sdk/*', '@smithy/*'];
/** Editors write a file in several steps. */
const SETTLING = 20;

/** Bundles changed sources of functions and workers again, and has the emulator go on with them. */
export class HotReload {
  private readonly running = new Map<string, RunningBundle>();
  private readonly reported = new Set<string>();

  constructor(private readonly options: HotReloadOptions) {}

  /** Begins to watch the sources of what is deployed now; what is watched already goes on. */
  public async start(): Promise<void> {
    const bundles = [...this.functionBundles(), ...this.workerBundles()];
    for (const [folder, running] of this.running) {
      if (bundles.some((bundle) => bundle.folder === folder)) continue;
      this.running.delete(folder);
      await running.stop();
    }
    const added = bundles.filter(({ folder }) => !this.running.has(folder));
    await Promise.all(
      added.map((bundle) => {
        const running = new RunningBundle(bundle, this.options);
        this.running.set(bundle.folder, running);
        return running.start();
      }),
    );
  }

  /** Ends the watching. */
  public async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((running) => running.stop()));
    this.running.clear();
  }

  private functionBundles(): Bundle[] {
    const { assembly, emulator, functions, projectRoot } = this.options;
    const paths = pathsOf(emulator.reports, 'AWS::Lambda::Function');
    return emulator.functionCode().flatMap(({ functionName, assetDirectory: folder, handler, runtime }): Bundle[] => {
      // Only an asset's code was made of a file; that of a template is there itself.
      if (!/^nodejs/.test(runtime) || dirname(folder) !== resolve(assembly)) return [];
      const label = paths.get(functionName) ?? functionName;
      const name = handler.slice(0, handler.lastIndexOf('.'));
      const file = BUNDLED_FILES.map((extension) => name + extension).find((each) => existsSync(join(folder, each)));
      if (file === undefined) return [];
      const { entry, ...facts } = readBundle(join(folder, file), projectRoot);
      const given = functions[label];
      const source = given === undefined ? entry : resolve(projectRoot, given);
      if (source === undefined) {
        this.reportUnknown(label);
        return [];
      }
      const external = facts.external.concat(inlinesSdk(join(folder, file)) ? [] : SDK);
      const target = `node${/\d+/.exec(runtime)?.[0] ?? '20'}`;
      return [{ label, folder, file, entry: source, facts: { ...facts, external }, target }];
    });
  }

  /** The workers whose entries are in the metadata of their templates. */
  private workerBundles(): Bundle[] {
    const { assembly, projectRoot } = this.options;
    return templatesIn(assembly).flatMap(({ Resources = {} }) =>
      Object.values(Resources).flatMap(({ Metadata }): Bundle[] => {
        const { entry, asset } = Metadata?.['spillway:worker'] ?? {};
        if (typeof entry !== 'string' || typeof asset !== 'string') return [];
        return [
          {
            label: entry,
            folder: join(resolve(assembly), asset),
            file: 'index.js',
            entry: resolve(projectRoot, entry),
            facts: { external: [], sourceMap: 'none' },
            target: 'node22',
          },
        ];
      }),
    );
  }

  private reportUnknown(label: string): void {
    if (this.reported.has(label)) return;
    this.reported.add(label);
    this.options.print(
      `${label}: its source is unknown, so it is not reloaded; name it in spillway.json: "functions": { "${label}": "src/handler.ts" }`,
    );
  }
}

/** One bundle with the watchers of its sources. */
class RunningBundle {
  private context?: BuildContext<{ write: false; metafile: true }>;
  private readonly watchers = new Map<string, FSWatcher>();
  private sources: ReadonlySet<string> = new Set();
  private pending?: NodeJS.Timeout;
  private last?: string;
  private building: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly bundle: Bundle,
    private readonly options: HotReloadOptions,
  ) {}

  /** Bundles once, to know the sources: whether they differ from what runs is not known before a change. */
  public async start(): Promise<void> {
    const { bundle, options } = this;
    try {
      this.context = await loadEsbuild(options.projectRoot).context({ ...buildOptions(bundle, options.projectRoot) });
      await this.build(false);
    } catch (error) {
      options.print(`${bundle.label}: ${firstLine(error)}`);
      // A source that cannot be bundled may be mended.
      this.watch([bundle.entry]);
    }
  }

  public async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.pending);
    for (const watcher of this.watchers.values()) watcher.close();
    await this.building;
    await this.context?.dispose();
  }

  private changed(): void {
    clearTimeout(this.pending);
    this.pending = setTimeout(() => {
      this.building = this.building
        .then(() => this.build(true))
        .catch((error: unknown) => {
          if (!this.stopped) this.options.print(`${this.bundle.label}: ${firstLine(error)}; the old code goes on`);
        });
    }, SETTLING);
  }

  private async build(swaps: boolean): Promise<void> {
    if (this.context === undefined || this.stopped) return;
    const { bundle, options } = this;
    const startedAt = performance.now();
    const { outputFiles, metafile } = await this.context.rebuild();
    this.watch(sourcesOf(metafile, options.projectRoot));
    const content = Buffer.concat(outputFiles.map(({ contents }) => contents)).toString();
    if (content === this.last) return;
    this.last = content;
    if (!swaps) return;
    const files = outputFiles.map(({ path, contents }): [string, Uint8Array] => [
      relative(dirname(join(bundle.folder, bundle.file)), path),
      contents,
    ]);
    const folder = dirname(bundle.file);
    await options.emulator.replaceCode(
      bundle.folder,
      Object.fromEntries(files.map(([path, contents]) => [join(folder, path), contents])),
    );
    options.print(`${bundle.label}: reloaded in ${Math.round(performance.now() - startedAt)} ms`);
  }

  /** Watches the folders of sources, as editors often replace a file rather than write to it. */
  private watch(sources: readonly string[]): void {
    this.sources = new Set(sources);
    const folders = new Set(sources.map((source) => dirname(source)));
    for (const [folder, watcher] of this.watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.watchers.has(folder) || !existsSync(folder)) continue;
      const watcher = watch(folder, (_, name) => {
        if (name === null || this.sources.has(join(folder, name))) this.changed();
      });
      watcher.on('error', () => watcher.close()); // the folder is gone
      this.watchers.set(folder, watcher);
    }
  }
}

function buildOptions({ file, folder, entry, facts, target }: Bundle, projectRoot: string) {
  const sourcemap = facts.sourceMap === 'file' ? 'linked' : facts.sourceMap === 'inline' ? 'inline' : false;
  return {
    absWorkingDir: projectRoot,
    entryPoints: [entry],
    outfile: join(folder, file),
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    target,
    format: extname(file) === '.mjs' ? 'esm' : 'cjs',
    external: [...facts.external],
    sourcemap,
    logLevel: 'silent',
  } as const satisfies BuildOptions;
}

/** The sources of a bundle that somebody edits. */
function sourcesOf({ inputs }: Metafile, projectRoot: string): string[] {
  return Object.keys(inputs)
    .filter((path) => !path.includes('node_modules/'))
    .map((path) => resolve(projectRoot, path));
}

function inlinesSdk(file: string): boolean {
  const code = readFileSync(file, 'utf8');
  return /node_modules\/@(?:aws-sdk|smithy)\//.test(code);
}

function pathsOf(reports: readonly StackReport[], type: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const { resources, nested } of reports) {
    for (const { type: of, physicalId, path } of resources) {
      if (of === type && path !== undefined) paths.set(physicalId, path.replace(/\/Resource$/, ''));
    }
    for (const [name, path] of pathsOf(nested, type)) paths.set(name, path);
  }
  return paths;
}

interface TemplateWithMetadata {
  readonly Resources?: Readonly<
    Record<
      string,
      {
        readonly Metadata?: {
          readonly 'spillway:worker'?: { readonly entry?: unknown; readonly asset?: unknown };
        };
      }
    >
  >;
}

function templatesIn(assembly: string): TemplateWithMetadata[] {
  return readdirSync(assembly, { recursive: true, encoding: 'utf8' })
    .filter((name) => basename(name).endsWith('.template.json') && !name.includes('asset.'))
    .map((name) => JSON.parse(readFileSync(join(assembly, name), 'utf8')) as TemplateWithMetadata);
}

function firstLine(error: unknown): string {
  const { errors } = error as {
    errors?: { text: string; location: { file: string; line: number; column: number } | null }[];
  };
  const [first] = errors ?? [];
  if (first === undefined) return String((error as Error).message).split('\n')[0];
  const { location, text } = first;
  return location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}
