import { type Outcome, OUTCOME_WORDS } from '../run-view.ts';
import { html, type Markup } from './escape.ts';

/** States of a requirement that are not outcomes of a case. */
export type RequirementState = 'held' | 'broken' | 'missed' | 'unexercised' | 'unjudged' | 'inapplicable' | 'absent';

const OUTCOME_GLYPHS: Readonly<Record<Outcome, string>> = {
  error: '‼',
  fail: '✗',
  unfinished: '…',
  warn: '!',
  untested: '?',
  expected: '≈',
  pass: '✓',
  'not-applicable': '–',
};

/** Each state with its sign, its words, and the outcome whose colour it shares. */
const STATES: Readonly<Record<RequirementState, { glyph: string; words: string; look: Outcome }>> = {
  broken: { glyph: '✗', words: 'broken', look: 'fail' },
  missed: { glyph: '!', words: 'not followed', look: 'warn' },
  held: { glyph: '✓', words: 'held', look: 'pass' },
  unexercised: { glyph: '?', words: 'not exercised', look: 'untested' },
  unjudged: { glyph: '○', words: 'judged by no case', look: 'untested' },
  inapplicable: { glyph: '–', words: 'not applicable', look: 'not-applicable' },
  absent: { glyph: '·', words: 'not in this set', look: 'not-applicable' },
};

/** Sign, words and colour: none of them alone carries the meaning. */
export function outcomeBadge(outcome: Outcome): Markup {
  return badge(outcome, OUTCOME_GLYPHS[outcome], OUTCOME_WORDS[outcome]);
}

export function stateBadge(state: RequirementState): Markup {
  const { glyph, words, look } = STATES[state];
  return badge(look, glyph, words);
}

export const stateWords = (state: RequirementState): string => STATES[state].words;

function badge(look: Outcome, glyph: string, words: string): Markup {
  return html`<span class="badge ${look}"><span aria-hidden="true">${glyph}</span> ${words}</span>`;
}
