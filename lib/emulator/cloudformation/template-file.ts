import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type Document } from 'yaml';
import { AssemblyError } from './assembly-error';
import { DEEPEST, type Json, mapOfEntries, NestedTooDeeply, parseJson } from './provider/json';

/** The files that may be templates, by the ends of their names. */
export const TEMPLATE_FILE = /\.(?:json|ya?ml|template)$/i;

/**
 * Parses a template, in JSON or in YAML with CloudFormation's short forms.
 *
 * @param file names the template in error messages
 * @throws {AssemblyError} if it is neither
 */
export function parseTemplateText(file: string, text: string): Json {
  try {
    return /^\s*\{/.test(text) && !/\.ya?ml$/i.test(file) ? parseJson(text) : parseYaml(text);
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0].replace(/:$/, '') : String(error);
    throw new AssemblyError(file, error instanceof NestedTooDeeply ? message : `it cannot be read: ${message}`);
  }
}

function parseYaml(text: string): Json {
  // A short form, such as !Sub, is a tag: of each, the node is kept as it is.
  const document = parseDocument(text, { lineCounter: new LineCounter(), logLevel: 'error' });
  if (document.errors.length > 0) throw document.errors[0];
  return document.contents === null ? null : jsonOf(document.contents, document, 0);
}

function jsonOf(node: Node | null, document: Document, depth: number): Json {
  if (depth >= DEEPEST) throw new NestedTooDeeply();
  if (isAlias(node)) return jsonOf(node.resolve(document) ?? null, document, depth + 1);
  const value = plain(node, document, depth);
  const tag = node !== null && 'tag' in node ? node.tag : undefined;
  return tag === undefined || !/^![A-Z]/.test(tag) ? value : longForm(tag.slice(1), value);
}

function plain(node: Node | null, document: Document, depth: number): Json {
  if (isSeq(node)) return node.items.map((item) => jsonOf(item as Node, document, depth + 1));
  if (isMap(node)) {
    return mapOfEntries(
      node.items.map(({ key, value }) => [keyOf(key as Node), jsonOf(value as Node | null, document, depth + 1)]),
    );
  }
  if (!isScalar(node)) return null;
  const { value, source = '' } = node;
  // An account such as 012345678901 is no number.
  if (typeof value === 'number') return /^0\d/.test(source) || !Number.isSafeInteger(value) ? source : value;
  return typeof value === 'bigint' ? source : (value as Json);
}

function keyOf(node: Node): string {
  return isScalar(node) ? (node.source ?? String(node.value)) : String(node);
}

/** `!Ref A` and `!GetAtt A.Arn` are `{ Ref: A }` and `{ 'Fn::GetAtt': ['A', 'Arn'] }`. */
function longForm(name: string, value: Json): Json {
  if (name === 'Ref' || name === 'Condition') return { [name]: value };
  if (name !== 'GetAtt' || typeof value !== 'string') return { [`Fn::${name}`]: value };
  const dot = value.indexOf('.');
  return { 'Fn::GetAtt': dot === -1 ? value : [value.slice(0, dot), value.slice(dot + 1)] };
}
