/** By requirement: which planted mistakes break it, who caught them, and where. */
import type { CoveredRequirement, SelfTest } from '../../record/self-test.ts';
import { counted } from '../../../reference-device/counted.ts';
import { html, type Markup } from '../escape.ts';
import { bySection } from '../section-groups.ts';
import { mistakesByRequirement, type PlantedMistake } from './fault-matrix.ts';

/** Id of a section on the page of the self-test. */
export const proofsAnchor = ({ source, section }: CoveredRequirement): string =>
  `proofs-${source}-${section.replace(/[^A-Za-z0-9_.-]+/g, '_')}`;

/** `4 of 4 planted mistakes caught`, or undefined where none breaks it. */
export function proofTally(mistakes: readonly PlantedMistake[] | undefined): string | undefined {
  if (mistakes === undefined) return undefined;
  const faults = new Set(mistakes.map(({ fault }) => fault));
  const missed = new Set(mistakes.filter(({ caughtIn }) => caughtIn === null).map(({ fault }) => fault));
  return `${faults.size - missed.size} of ${counted(faults.size, 'planted mistake')} caught`;
}

/** A folded list for each section. */
export function requirementProofs(selfTest: SelfTest): Markup {
  const mistakes = mistakesByRequirement(selfTest);
  const groups = (['virtio', 'implied'] as const).flatMap((source) => bySection(selfTest.requirements, source));
  return html`${groups.map(({ title, rows }) => {
    const proven = rows.filter(({ id }) => mistakes.has(id));
    const [first] = proven;
    if (!first) return undefined;
    return html`<details class="group" id="${proofsAnchor(first)}"><summary><h3>${first.source === 'implied' ? `${title}, platform rules` : title}</h3> <span class="tally">${counted(proven.length, 'requirement')}</span></summary>
${proven.map((row) => proofs(row, mistakes.get(row.id) ?? []))}</details>
`;
  })}`;
}

function proofs({ id, keyword, says }: CoveredRequirement, mistakes: readonly PlantedMistake[]): Markup {
  return html`<p><b>${keyword}</b> ${says}<br><code class="id">${id}</code> <span class="note">${proofTally(mistakes)}</span></p>
<ul>${mistakes.map(
    ({ fault, says: does, judge, caughtIn }) =>
      html`<li><code>${fault}</code> ${does} <span class="note">${
        caughtIn === null
          ? html`<b>not caught by ${judge}</b>`
          : `caught by ${judge}${caughtIn === judge ? '' : `, in ${caughtIn}`}`
      }</span></li>
`,
  )}</ul>
`;
}
