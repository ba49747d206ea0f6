/** HTML made of templates in which everything from outside is escaped unless it is marked as markup. */
import { printable } from '../printable.ts';

/** HTML that may stand as it is. Only `html` and `trusted` make it. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** What can stand in a template; undefined and false are nothing. */
export type HtmlValue = string | number | Markup | readonly (Markup | undefined)[] | undefined | false;

/** Template tag: text is escaped, also within a quoted attribute; markup and lists of it stand as they are. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Markup {
  let source = strings[0] ?? '';
  values.forEach((value, index) => {
    source += sourceOf(value) + (strings[index + 1] ?? '');
  });
  return new Markup(source);
}

function sourceOf(value: HtmlValue): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Markup) return value.source;
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value));
  return value.map((item) => item?.source ?? '').join('');
}

/** Marks our own style sheet or script as markup. Nothing from outside may pass through here. */
export function trusted(source: string): Markup {
  return new Markup(source);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Fit for text and for quoted attributes. */
function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
