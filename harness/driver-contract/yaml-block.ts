/**
 * The YAML block of an answer, of which the contract knows `key: value` lines and lists: read by hand, because a block is as hostile as
 * any other text of a driver's, and readers of all of YAML take minutes over some of 100 KB. Everything here is linear.
 */

const VALUES_MOST = 64;
const ITEMS_MOST = 4096;
const KEY = /^([A-Za-z][A-Za-z0-9_-]{0,63})[ \t]*:(?=[ \t]|$)/;

type Scalar = string | number;
export type AnswerValues = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** A value of another kind, which is left out. */
const OTHER = Symbol('other');
type Read = Scalar | typeof OTHER;

/** Why a block cannot be taken, as a half sentence. */
class Unreadable extends Error {}

/**
 * The values of a block, whose `lines` have lost the indentation of its `---`. Values of any other shape are left out, so that a
 * driver may add what it likes. Gives a half sentence if a line cannot be read, or a value would be wrong when kept.
 */
export function blockValues(lines: readonly string[]): AnswerValues | string {
  try {
    return valuesOf(lines.filter((line) => !/^[ \t]*(?:#|$)/.test(line)));
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

function valuesOf(lines: readonly string[]): AnswerValues {
  const values = new Map<string, Scalar | readonly Scalar[]>();
  for (let at = 0; at < lines.length; ) {
    const line = lines[at++] ?? '';
    const [head, key] = KEY.exec(line) ?? [];
    const below: string[] = [];
    // A list may stand as far to the left as its key.
    for (let next = lines[at]; next !== undefined && isBelow(next, head !== undefined); next = lines[++at])
      below.push(next);
    if (head === undefined || key === undefined) {
      if (!isOtherKey(line)) throw new Unreadable(`the YAML block is not a list of "key: value" lines: ${shown(line)}`);
      continue;
    }
    const value = valueOf(key, line.slice(head.length).trim(), below);
    if (value === OTHER) continue;
    if (values.has(key)) throw new Unreadable(`the YAML block has the key "${key}" twice`);
    if (values.size === VALUES_MOST) throw new Unreadable(`the YAML block has more than ${VALUES_MOST} values`);
    values.set(key, value);
  }
  return Object.fromEntries(values);
}

const isBelow = (line: string, hasKey: boolean): boolean => /^[ \t]/.test(line) || (hasKey && /^-(?:\s|$)/.test(line));

/** A key that no verb has, such as one in quotes. */
const isOtherKey = (line: string): boolean => /^[^-\s[{].*?:(?:\s|$)/.test(line);

function valueOf(key: string, text: string, below: readonly string[]): Scalar | readonly Scalar[] | typeof OTHER {
  const items = text === '' ? itemsBelow(below) : text.startsWith('[') ? itemsBetween(text) : undefined;
  if (items === undefined) return below.length > 0 || text === '' ? OTHER : checked(key, scalarOf(text));
  if (items === OTHER) return OTHER;
  if (items.length > ITEMS_MOST) throw new Unreadable(`the list "${key}" has more than ${ITEMS_MOST} items`);
  const scalars: Scalar[] = [];
  for (const item of items) {
    const scalar = checked(key, scalarOf(item));
    if (scalar === OTHER) return OTHER;
    scalars.push(scalar);
  }
  return scalars;
}

/** Of a list with an item a line; undefined if there is none. */
function itemsBelow(below: readonly string[]): string[] | typeof OTHER | undefined {
  if (below.length === 0) return undefined;
  const indent = /^[ \t]*/.exec(below[0] ?? '')?.[0] ?? '';
  const isList = below.every((line) => line.startsWith(indent) && /^-(?:\s|$)/.test(line.slice(indent.length)));
  return isList ? below.map((line) => line.slice(indent.length + 1).trim()) : OTHER;
}

const BLANKS = /[ \t]*/y;
const ITEM = /("(?:[^"\\]|\\.)*"[ \t]*|'(?:[^']|'')*'[ \t]*|[^,"'[\]{}]*)([,\]])/y;

/** Of a list in brackets, which ends in the line that it begins in. */
function itemsBetween(text: string): string[] | typeof OTHER {
  const items: string[] = [];
  for (let at = 1; at < text.length; ) {
    BLANKS.lastIndex = at;
    BLANKS.test(text);
    ITEM.lastIndex = BLANKS.lastIndex;
    const [whole, item = '', end] = ITEM.exec(text) ?? [];
    if (whole === undefined) break;
    at = ITEM.lastIndex;
    const isLast = end === ']';
    if (item.trim() !== '' || !isLast) items.push(item.trim());
    if (isLast) return isComment(text.slice(at)) ? items : unread(text);
  }
  return /[[{]/.test(text.slice(1)) ? OTHER : unread(text);
}

const isComment = (rest: string): boolean => /^[ \t]*$|^[ \t]+#/.test(rest);

function unread(text: string): never {
  throw new Unreadable(`a value of its YAML block cannot be read: ${shown(text)}`);
}

/** What begins so is a value of a kind that the contract does not know. */
const OTHER_KINDS = /^(?:[[{&*!|>%@`]|[-?](?=\s|$))/;
const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|0x[0-9a-fA-F]+|0o[0-7]+)$/;
const NO_SCALARS: ReadonlySet<string> = new Set(['', '~', 'null', 'true', 'false', 'Null', 'True', 'False']);

function scalarOf(text: string): Read {
  if (text.startsWith('"')) return fromQuotes(text, DOUBLE, (inner) => inner.replace(ESCAPE, unescaped));
  if (text.startsWith("'")) return fromQuotes(text, SINGLE, (inner) => inner.replaceAll("''", "'"));
  if (OTHER_KINDS.test(text)) return OTHER;
  const plain = (text.startsWith('#') ? '' : (text.split(/[ \t]#/, 1)[0] ?? '')).trim();
  if (NO_SCALARS.has(plain)) return OTHER;
  return NUMBER.test(plain) ? Number(plain) : plain;
}

const DOUBLE = /^"((?:[^"\\]|\\.)*)"/;
const SINGLE = /^'((?:[^']|'')*)'/;

function fromQuotes(text: string, form: RegExp, inside: (inner: string) => string): string {
  const [whole, inner] = form.exec(text) ?? [];
  if (whole === undefined || inner === undefined || !isComment(text.slice(whole.length))) return unread(text);
  return inside(inner);
}

const ESCAPE = /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)/g;
const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
};

function unescaped(escape: string): string {
  const name = escape.charAt(1);
  if (escape.length === 2) return NAMED_ESCAPES[name] ?? name;
  const code = Number.parseInt(escape.slice(2), 16);
  return code > 0x10_ffff ? '\ufffd' : String.fromCodePoint(code);
}

function checked(key: string, value: Read): Read {
  if (typeof value !== 'number' || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  throw new Unreadable(
    `the number in "${key}" is above 2^53, where YAML readers lose digits; it has to stand in quotes`,
  );
}

const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
