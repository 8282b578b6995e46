// What SQS's Query protocol makes of inputs and outputs, written down anew: the emulator takes it from the SDK's
// schemas, and a test that did so too would find nothing.

/** Lists whose members are named in the singular. */
const LISTS: Readonly<Record<string, string>> = {
  AttributeNames: 'AttributeName',
  MessageAttributeNames: 'MessageAttributeName',
  MessageSystemAttributeNames: 'MessageSystemAttributeName',
  TagKeys: 'TagKey',
  AWSAccountIds: 'AWSAccountId',
  Actions: 'ActionName',
};
const MAPS: Readonly<Record<string, readonly [name: string, key: string, value: string]>> = {
  Attributes: ['Attribute', 'Name', 'Value'],
  MessageAttributes: ['MessageAttribute', 'Name', 'Value'],
  MessageSystemAttributes: ['MessageSystemAttribute', 'Name', 'Value'],
  Tags: ['Tag', 'Key', 'Value'],
  tags: ['Tag', 'Key', 'Value'],
};

/** The form of a request. */
export function toForm(action: string, input: object): URLSearchParams {
  const form = new URLSearchParams({ Action: action, Version: '2012-11-05' });
  addMembers(form, '', input, action);
  return form;
}

function addMembers(form: URLSearchParams, prefix: string, structure: object, action: string): void {
  for (const [name, value] of Object.entries(structure)) {
    if (value === undefined) continue;
    if (name in MAPS) {
      const [entry, key, item] = MAPS[name];
      Object.entries(value as object).forEach(([mapKey, mapValue], index) => {
        form.append(`${prefix}${entry}.${index + 1}.${key}`, mapKey);
        addValue(form, `${prefix}${entry}.${index + 1}.${item}`, mapValue, action);
      });
    } else if (Array.isArray(value)) {
      const entry = name === 'Entries' ? `${action}RequestEntry` : LISTS[name];
      value.forEach((item, index) => addValue(form, `${prefix}${entry}.${index + 1}`, item, action));
    } else {
      addValue(form, prefix + name, value, action);
    }
  }
}

function addValue(form: URLSearchParams, name: string, value: unknown, action: string): void {
  if (value instanceof Uint8Array) form.append(name, Buffer.from(value).toString('base64'));
  else if (typeof value === 'object' && value !== null) addMembers(form, `${name}.`, value, action);
  else form.append(name, String(value));
}

/** An element with its children, or its text. */
export interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  readonly text: string;
}

const TOKEN = /<\?[^>]*\?>|<(\/?)([A-Za-z][\w.]*)[^>]*?(\/?)>|([^<]+)/g;

/** Reads XML as far as AWS's answers have it. */
export function parseXml(xml: string): Element {
  interface Open extends Element {
    readonly children: Open[];
    text: string;
  }
  const root: Open = { name: '', children: [], text: '' };
  const open = [root];
  for (const [, closing, name, empty, text] of xml.matchAll(TOKEN)) {
    const top = open[open.length - 1];
    if (text !== undefined) top.text += unescape(text);
    else if (closing === '/') open.pop();
    else if (name !== undefined) {
      const element: Open = { name, children: [], text: '' };
      top.children.push(element);
      if (empty !== '/') open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1) throw new Error(`this is no document: ${xml}`);
  return root.children[0];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|(\w+));/gi, (_all, code: string | undefined, name: string) =>
    code === undefined ? ENTITIES[name] : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}

const OUTPUT_LISTS: Readonly<Record<string, string>> = {
  Message: 'Messages',
  BatchResultErrorEntry: 'Failed',
  SendMessageBatchResultEntry: 'Successful',
  DeleteMessageBatchResultEntry: 'Successful',
  ChangeMessageVisibilityBatchResultEntry: 'Successful',
  ListMessageMoveTasksResultEntry: 'Results',
};
const OUTPUT_MAPS: Readonly<Record<string, string>> = {
  Attribute: 'Attributes',
  MessageAttribute: 'MessageAttributes',
  Tag: 'Tags',
};
const OUTPUT_NUMBERS = /^(ApproximateNumberOf|MaxNumberOf|StartedTimestamp)/;

/** The output that a `<…Result>` holds, in the form that JSON has. */
export function outputOf(action: string, result: Element | undefined): Record<string, unknown> {
  const output: Record<string, unknown> = {};
  for (const { name, children, text } of result?.children ?? []) {
    // A failed entry has a Message too, which is text.
    const list = name === 'QueueUrl' ? urlListOf(action) : children.length > 0 ? OUTPUT_LISTS[name] : undefined;
    const map = OUTPUT_MAPS[name];
    if (list !== undefined) {
      const items = (output[list] ??= []) as unknown[];
      items.push(children.length > 0 ? outputOf(action, { name, children, text }) : text);
    } else if (map !== undefined) {
      const [key, value] = children;
      const entries = (output[map] ??= {}) as Record<string, unknown>;
      entries[key.text] = value.children.length > 0 ? outputOf(action, value) : value.text;
    } else if (name === 'SenderFault') output[name] = text === 'true';
    else output[name] = OUTPUT_NUMBERS.test(name) ? Number(text) : text;
  }
  return output;
}

function urlListOf(action: string): string | undefined {
  if (action === 'ListQueues') return 'QueueUrls';
  return action === 'ListDeadLetterSourceQueues' ? 'queueUrls' : undefined;
}
