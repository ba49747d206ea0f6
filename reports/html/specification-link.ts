/** Links from a requirement to the words of the specification that it stands for. */
import { clipped } from '../printable.ts';
import { sectionUrl, sourceUrl } from '../words/specification.ts';
import { html, type Markup } from './escape.ts';

const REFERENCE_MAX = 200;

/** The section's number, as a link to the published edition where there is one. */
export function sectionLink(section: string): Markup {
  const url = sectionUrl(section);
  const name = clipped(section, 60);
  return url === undefined ? html`${name}` : html`<a href="${url}" rel="noreferrer">${name}</a>`;
}

/** A link to the sentence in the specification's sources, or on what else the row rests; nothing where the log does not say. */
export function sourceLink({ reference }: { readonly reference?: string | undefined }): Markup | undefined {
  if (reference === undefined) return undefined;
  const url = sourceUrl(reference);
  const name = clipped(reference, REFERENCE_MAX);
  return url === undefined ? html`rests on ${name}` : html`<a href="${url}" rel="noreferrer">${name}</a>`;
}
