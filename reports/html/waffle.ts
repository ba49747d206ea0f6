/** Things as squares: how many there are, and how many of each kind, at a glance. */
import { html, type Markup } from './escape.ts';

const SQUARE = 9;
const PITCH = 11;
const A_ROW = 24;

/** A square for each look, in rows; `label` says in words what is to be seen. */
export function waffle(looks: readonly string[], label: string): Markup {
  const width = Math.min(looks.length, A_ROW) * PITCH;
  const height = Math.ceil(looks.length / A_ROW) * PITCH;
  const squares = looks.map(
    (look, index) =>
      html`<rect class="${look}" x="${(index % A_ROW) * PITCH}" y="${Math.floor(index / A_ROW) * PITCH}" width="${SQUARE}" height="${SQUARE}"/>`,
  );
  return html`<svg class="waffle" width="${width}" height="${height}" role="img" aria-label="${label}">${squares}</svg>`;
}
