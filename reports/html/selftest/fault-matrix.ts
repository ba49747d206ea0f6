/** The matrix of the self-test: sections of the specification against those who judge, by how many planted mistakes they catch. */
import type { CoveredRequirement, SelfTest } from '../../record/self-test.ts';
import { html, type Markup } from '../escape.ts';
import { bySection } from '../section-groups.ts';

/** A mistake that somebody has to catch for a requirement. */
export interface PlantedMistake {
  readonly fault: string;
  readonly says: string;
  readonly requirement: string;
  readonly judge: string;
  readonly caughtIn: string | null;
}

export function plantedMistakes({ faults }: SelfTest): PlantedMistake[] {
  return faults.flatMap(({ name, says, catches }) => catches.map((it) => ({ fault: name, says, ...it })));
}

/** By the requirement that they break. */
export function mistakesByRequirement(selfTest: SelfTest): ReadonlyMap<string, readonly PlantedMistake[]> {
  const groups = new Map<string, PlantedMistake[]>();
  for (const mistake of plantedMistakes(selfTest)) {
    const members = groups.get(mistake.requirement);
    if (members) members.push(mistake);
    else groups.set(mistake.requirement, [mistake]);
  }
  return groups;
}

const MONITORS = 'monitors';

/** `map` of `map/end-after-start`; monitors are one topic. */
const topicOf = ({ judge }: PlantedMistake): string =>
  judge.startsWith('monitor ') ? MONITORS : (judge.split('/')[0] ?? '');

/** `anchorOf` says where the page has more on a section. */
export function faultMatrix(
  selfTest: SelfTest,
  anchorOf: (row: CoveredRequirement) => string | undefined,
): Markup | undefined {
  const mistakes = mistakesByRequirement(selfTest);
  const topics = [...new Set(plantedMistakes(selfTest).map(topicOf))].toSorted((a, b) =>
    a === MONITORS ? -1 : b === MONITORS ? 1 : a < b ? -1 : 1,
  );
  if (topics.length === 0) return undefined;
  const groups = (['virtio', 'implied'] as const).flatMap((source) => bySection(selfTest.requirements, source));
  const rows = groups.flatMap(({ title, rows: [first, ...others] }) => {
    const members = [first, ...others].flatMap((row) => (row && mistakes.get(row.id)) ?? []);
    if (!first || members.length === 0) return [];
    const name = first.source === 'implied' ? `${title}, platform rules` : title;
    const anchor = anchorOf(first);
    return html`<tr><th scope="row">${anchor === undefined ? name : html`<a href="#${anchor}">${name}</a>`}</th>${topics.map((topic) => cell(members.filter((it) => topicOf(it) === topic)))}</tr>
`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Sections against topics"><table class="matrix"><thead><tr><td></td>${topics.map((topic) => html`<th scope="col"><span>${topic}</span></th>`)}</tr></thead><tbody>
${rows}</tbody></table></div>
`;
}

/** Darker where more are caught; what slips through is red whatever else is caught. */
function cell(members: readonly PlantedMistake[]): Markup {
  const { length } = members;
  if (length === 0) return html`<td></td>`;
  const missed = members.filter(({ caughtIn }) => caughtIn === null).length;
  if (missed > 0) return html`<td class="no">✗${missed}</td>`;
  return html`<td class="yes${length > 8 ? ' most' : length > 3 ? ' many' : ''}">${length}</td>`;
}
