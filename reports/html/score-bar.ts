/** A score as a bar: how much of what is declared was held, broken, left untested, or does not bind. */
import type { Score } from '../record/model.ts';
import { html, type Markup } from './escape.ts';
import { barLegend, stackedBar } from './stacked-bar.ts';

/** Numbers from a log are forced into order, so that a hostile one draws a wrong bar and nothing worse. */
export function scoreBar(score: Score): Markup {
  const declared = Math.max(1, finite(score.declared));
  const upTo = (value: number, max: number): number => Math.min(finite(value), max);
  const applicable = upTo(score.applicable, declared);
  const exercised = upTo(score.exercised, applicable);
  const held = upTo(score.held, exercised);
  const pieces = [
    { look: 'held', count: held, words: 'held' },
    { look: 'broken', count: exercised - held, words: 'broken' },
    { look: 'unexercised', count: applicable - exercised, words: 'not exercised' },
    { look: 'inapplicable', count: declared - applicable, words: 'not applicable' },
  ];
  return html`${stackedBar(pieces, declared)}
${barLegend(pieces)}`;
}

const finite = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);
