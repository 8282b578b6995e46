import {
  type AnyNode,
  type ImportDeclaration,
  type Literal,
  type ModuleDeclaration,
  parse,
  type Pattern,
  type Program,
} from 'acorn';

/** A name that a module imports. */
export interface ImportedName {
  readonly from: string;
  /** The name in the other module; undefined for its namespace. */
  readonly name?: string;
}

/** An ECMAScript module as code for a function, of the same number of lines. */
export interface TransformedModule {
  /**
   * The body of a function that returns a generator. Up to its first `yield` only its functions are hoisted; then the
   * module runs.
   */
  readonly code: string;
  /** The modules that it needs, in the order in which they run. */
  readonly requests: readonly string[];
  /** What it imports, by local names. */
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** What it exports of other modules, by the names of its exports. */
  readonly reexports: ReadonlyMap<string, ImportedName>;
  /** The modules whose exports are all its own, too. */
  readonly stars: readonly string[];
}

/** The names of what the code uses. */
export const NAMES = {
  scope: '__importsOfModule',
  exports: '__exportsOfModule',
  meta: '__metaOfModule',
  import: '__importInSandbox',
  default: '__defaultOfModule',
} as const;

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Rewrites a module: Node.js has no public way to run one with other globals. Imports become names of an object around
 * the code, so that they stay bound to the exports.
 * @throws SyntaxError if it is not a module, with the place in its stack
 */
export function transformModule(source: string, file: string): TransformedModule {
  const program = parseModule(source, file);
  const edits: Edit[] = [];
  const requests = new Set<string>();
  const imports = new Map<string, ImportedName>();
  const reexports = new Map<string, ImportedName>();
  const stars: string[] = [];
  const exported = new Map<string, string>();
  const remove = (start: number, end: number, text = '') =>
    edits.push({ start, end, text: text + source.slice(start, end).replace(/[^\n]/g, '') });
  const from = ({ source: { value } }: { readonly source: Pick<Literal, 'value'> }): string => {
    requests.add(String(value));
    return String(value);
  };
  for (const node of program.body as (ModuleDeclaration | AnyNode)[]) {
    switch (node.type) {
      case 'ImportDeclaration':
        for (const [local, name] of namesOf(node)) imports.set(local, { from: from(node), name });
        from(node);
        remove(node.start, node.end, ';');
        break;
      case 'ExportAllDeclaration': {
        const target = from(node);
        if (node.exported == null) stars.push(target);
        else reexports.set(textOf(node.exported), { from: target });
        remove(node.start, node.end, ';');
        break;
      }
      case 'ExportNamedDeclaration': {
        const { declaration } = node;
        if (declaration != null) {
          for (const name of declaredNames(declaration)) exported.set(name, name);
          remove(node.start, (declaration as AnyNode).start);
          break;
        }
        const target = node.source == null ? undefined : from({ source: node.source });
        for (const { local, exported: as } of node.specifiers) {
          if (target === undefined) exported.set(textOf(as), textOf(local));
          else reexports.set(textOf(as), { from: target, name: textOf(local) });
        }
        remove(node.start, node.end, ';');
        break;
      }
      case 'ExportDefaultDeclaration': {
        const { declaration } = node;
        const named =
          declaration.type === 'FunctionDeclaration' || declaration.type === 'ClassDeclaration'
            ? declaration.id?.name
            : undefined;
        exported.set('default', named ?? NAMES.default);
        if (named !== undefined) remove(node.start, declaration.start);
        else if (declaration.type === 'FunctionDeclaration') {
          // Anonymous, and hoisted nevertheless.
          remove(node.start, declaration.start);
          const open = source.indexOf('(', declaration.start);
          edits.push({ start: open, end: open, text: ` ${NAMES.default}` });
        } else remove(node.start, declaration.start, `const ${NAMES.default} = `);
        break;
      }
      default: // other statements stay as they are
    }
  }
  const isAsync = rewriteExpressions(program, edits);
  const getters = [...exported].map(([name, local]) => `${JSON.stringify(name)}: () => ${local}`);
  const prologue =
    `with (${NAMES.scope}) { return (${isAsync ? 'async ' : ''}function* () { "use strict"; ` +
    `${NAMES.exports}({ ${getters.join(', ')} }); yield; `;
  const body = applied(source.startsWith('#!') ? `//${source.slice(2)}` : source, edits);
  return { code: `${prologue}${body}\n}).call(undefined); }`, requests: [...requests], imports, reexports, stars };
}

function parseModule(source: string, file: string): Program {
  try {
    return parse(source, {
      ecmaVersion: 'latest',
      sourceType: 'module',
      allowHashBang: true,
      allowAwaitOutsideFunction: true,
    });
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number } };
    const failure = new SyntaxError(message.replace(/ \(\d+:\d+\)$/, ''));
    failure.stack = `${file}:${loc?.line ?? 1}\n${failure.stack}`;
    throw failure;
  }
}

function namesOf({ specifiers }: ImportDeclaration): [local: string, name: string | undefined][] {
  return specifiers.map((specifier) => {
    const local = specifier.local.name;
    if (specifier.type === 'ImportNamespaceSpecifier') return [local, undefined];
    return [local, specifier.type === 'ImportDefaultSpecifier' ? 'default' : textOf(specifier.imported)];
  });
}

function textOf(node: { readonly type: string } & ({ name: string } | { value?: unknown })): string {
  return 'name' in node ? node.name : String(node.value);
}

function declaredNames(node: AnyNode): string[] {
  if (node.type === 'VariableDeclaration') return node.declarations.flatMap(({ id }) => patternNames(id));
  const isDeclaration = node.type === 'FunctionDeclaration' || node.type === 'ClassDeclaration';
  return isDeclaration && node.id !== null ? [node.id.name] : [];
}

function patternNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((part) => patternNames(part.type === 'Property' ? part.value : part.argument));
    case 'ArrayPattern':
      return pattern.elements.flatMap((part) => (part === null ? [] : patternNames(part)));
    case 'RestElement':
      return patternNames(pattern.argument);
    case 'AssignmentPattern':
      return patternNames(pattern.left);
    default:
      return [];
  }
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'StaticBlock']);

/** Replaces `import()` and `import.meta`. Returns whether the module awaits something outside its functions. */
function rewriteExpressions(program: Program, edits: Edit[]): boolean {
  let awaits = false;
  const pending: { readonly node: AnyNode; readonly inFunction: boolean }[] = [{ node: program, inFunction: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node } = next;
    const inFunction = next.inFunction || FUNCTIONS.has(node.type);
    if (node.type === 'ImportExpression') {
      edits.push({ start: node.start, end: node.start + 'import'.length, text: NAMES.import });
    }
    if (node.type === 'MetaProperty' && node.meta.name === 'import') {
      edits.push({ start: node.start, end: node.end, text: NAMES.meta });
    }
    if (!inFunction && (node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node.await))) {
      awaits = true;
    }
    for (const value of Object.values(node) as unknown[]) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) pending.push({ node: child, inFunction });
      }
    }
  }
  return awaits;
}

function isNode(value: unknown): value is AnyNode {
  return typeof (value as { type?: unknown } | null | undefined)?.type === 'string';
}

function applied(source: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, text } of [...edits].sort((a, b) => a.start - b.start)) {
    parts.push(source.slice(at, start), text);
    at = end;
  }
  return [...parts, source.slice(at)].join('');
}
