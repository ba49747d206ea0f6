/** Just enough XML 1.0 to write a report: elements, attributes, text. */
import { printable } from '../printable.ts';

/** Attributes in the order in which they are to be written; undefined ones are left out. */
export type XmlAttributes = Readonly<Record<string, string | number | undefined>>;

export interface XmlElement {
  readonly name: string;
  readonly attributes: XmlAttributes;
  /** Child elements, or text. */
  readonly content: readonly XmlElement[] | string;
}

export function element(
  name: string,
  attributes: XmlAttributes = {},
  content: readonly XmlElement[] | string = [],
): XmlElement {
  return { name, attributes, content };
}

/** The whole document, one element a line. Characters that XML 1.0 forbids are replaced. */
export function xmlDocument(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${lines(root, '').join('\n')}\n`;
}

function lines({ name, attributes, content }: XmlElement, indent: string): string[] {
  const start = `${indent}<${name}${attributeText(attributes)}`;
  if (content.length === 0) return [`${start}/>`];
  // White space inside an element that holds text would become part of the text.
  if (typeof content === 'string') return [`${start}>${escapedText(content)}</${name}>`];
  return [`${start}>`, ...content.flatMap((child) => lines(child, `${indent}  `)), `${indent}</${name}>`];
}

function attributeText(attributes: XmlAttributes): string {
  return Object.entries(attributes)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}="${escapedAttribute(String(value))}"`))
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  // Without this `]]>` in a text would be an error.
  '>': '&gt;',
  '"': '&quot;',
  // A reader turns bare white space in an attribute into spaces.
  '\n': '&#10;',
  '\t': '&#9;',
};

function escapedText(text: string): string {
  return printable(text).replace(/[&<>]/g, (char) => ENTITIES[char] ?? char);
}

function escapedAttribute(text: string): string {
  return printable(text).replace(/[&<>"\n\t]/g, (char) => ENTITIES[char] ?? char);
}
