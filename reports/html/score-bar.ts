/** A score as a bar: how much of what is declared was held, broken, left untested, or does not bind. */
import type { Score } from '../../harness/results/model.ts';
import { html, type Markup } from './escape.ts';

const WIDTH = 300;
const HEIGHT = 12;

/** Numbers from a log are forced into order, so that a hostile one draws a wrong bar and nothing worse. */
export function scoreBar(score: Score): Markup {
  const declared = Math.max(1, finite(score.declared));
  const upTo = (value: number, max: number): number => Math.min(finite(value), max);
  const applicable = upTo(score.applicable, declared);
  const exercised = upTo(score.exercised, applicable);
  const held = upTo(score.held, exercised);
  const pieces = [
    { look: 'held', count: held },
    { look: 'broken', count: exercised - held },
    { look: 'unexercised', count: applicable - exercised },
    { look: 'inapplicable', count: declared - applicable },
  ];
  const label = `${held} held, ${exercised - held} broken, ${applicable - exercised} not exercised, ${declared - applicable} not applicable`;
  let x = 0;
  const rects = pieces.map(({ look, count }) => {
    const width = (count / declared) * WIDTH;
    const rect = html`<rect class="${look}" x="${x.toFixed(2)}" width="${width.toFixed(2)}" height="${HEIGHT}"/>`;
    x += width;
    return rect;
  });
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>
<ul class="legend">${pieces.filter(({ count }) => count > 0).map(({ look, count }) => html`<li class="${look}">${count} ${LEGEND[look]}</li>`)}</ul>`;
}

const LEGEND: Readonly<Record<string, string>> = {
  held: 'held',
  broken: 'broken',
  unexercised: 'not exercised',
  inapplicable: 'not applicable',
};

const finite = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);
