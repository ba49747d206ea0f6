/** Parts of a whole as one bar, with its legend. */
import { html, type Markup } from './escape.ts';

const WIDTH = 300;
const HEIGHT = 12;

export interface BarPiece {
  /** Class that colours it. */
  readonly look: string;
  readonly count: number;
  readonly words: string;
}

/** The bar alone; `whole` is what its full width stands for. */
export function stackedBar(pieces: readonly BarPiece[], whole: number): Markup {
  let x = 0;
  const rects = pieces.map(({ look, count }) => {
    const width = (count / Math.max(1, whole)) * WIDTH;
    const rect = html`<rect class="${look}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="${HEIGHT}"/>`;
    x += width;
    return rect;
  });
  const label = pieces.map(({ count, words }) => `${count} ${words}`).join(', ');
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>`;
}

/** What its colours mean, of those that are there. */
export const barLegend = (pieces: readonly BarPiece[]): Markup =>
  html`<ul class="legend">${pieces.filter(({ count }) => count > 0).map(({ look, count, words }) => html`<li class="${look}">${count} ${words}</li>`)}</ul>`;
