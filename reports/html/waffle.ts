/** Requirements as squares: how many there are, and how many in each state, at a glance. */
import { counted } from '../printable.ts';
import { html, type Markup } from './escape.ts';
import { totals } from './requirement-states.ts';
import type { RequirementState } from './verdict-badge.ts';

const SQUARE = 9;
const PITCH = 11;
const A_ROW = 24;

/** A square for each state, in rows; its name says how many there are of each. */
export function waffle(states: readonly RequirementState[]): Markup {
  const width = Math.min(states.length, A_ROW) * PITCH;
  const height = Math.ceil(states.length / A_ROW) * PITCH;
  const squares = states.map(
    (state, index) =>
      html`<rect class="${state}" x="${(index % A_ROW) * PITCH}" y="${Math.floor(index / A_ROW) * PITCH}" width="${SQUARE}" height="${SQUARE}"/>`,
  );
  return html`<svg class="waffle" width="${width}" height="${height}" role="img" aria-label="${counted(states.length, 'requirement')}: ${totals(states)}">${squares}</svg>`;
}
