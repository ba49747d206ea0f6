/** Every requirement by section of the specification, with what each run says of it. */
import type { RequirementRow } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { clipped } from '../printable.ts';
import { uncheckedRequirements } from '../not-checked.ts';
import { obligationWord } from '../words/obligation.ts';
import { proofTally } from './selftest/requirement-proofs.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { statesOf, stateWaffle, totals, type RequirementView } from './requirement-states.ts';
import { type SectionGroup, sectionGroups, SOURCE_TITLES } from './section-groups.ts';
import { sectionLink, sourceLink } from './specification-link.ts';
import { stateBadge } from './verdict-badge.ts';

const SAYS_MAX = 600;
/** Cases that are linked from a requirement; monitors judge nearly every case. */
const LINKS_MAX = 6;

export function requirementsSection(context: PageContext): Markup {
  return html`<section id="requirements" aria-labelledby="requirements-heading">
<h2 id="requirements-heading">Requirements</h2>
<p>A requirement is <em>held</em> if it was judged at least once and never found broken. The words are ours; the specification's text, to which the numbers lead, binds.</p>
<h3>${SOURCE_TITLES.virtio}</h3>
${sections('virtio', context)}
<h3>${SOURCE_TITLES.implied}</h3>
${sections('implied', context)}
</section>
`;
}

function sections(source: RequirementRow['source'], context: PageContext): Markup {
  const groups = sectionGroups(source, context);
  if (groups.length === 0) return html`<p>None in this requirement set.</p>`;
  return html`${groups.map((group) => sectionTable(group, context))}`;
}

function sectionTable({ title, anchor, rows }: SectionGroup, context: PageContext): Markup {
  const states = context.runs.map((run) => statesOf(rows, run.views));
  const loud = states.flat().some((state) => state === 'broken' || state === 'missed');
  const tallies = states.map((members) => html`<span class="tally">${stateWaffle(members)} ${totals(members)}</span> `);
  return html`<details class="group" id="${anchor}"${loud && html` open`}><summary><h4>${title}</h4> ${tallies}</summary>
<div class="scroll"><table class="requirements"><thead><tr>${context.runs.map(({ name }) => html`<th scope="col" class="standing">${context.runs.length === 1 ? 'state' : name}</th>`)}<th scope="col" class="word">kind</th><th scope="col">requirement</th><th scope="col" class="judges">judged by</th></tr></thead><tbody>
${rows.map((row) => requirementRow(row, context))}</tbody></table></div></details>
`;
}

function requirementRow(row: RequirementRow, context: PageContext): Markup {
  const views = context.runs.flatMap(({ views: all }) => all.get(row.id) ?? []);
  const reasons = views.flatMap(({ state, row: { reason } }) =>
    state === 'inapplicable' && reason !== undefined ? [reason] : [],
  );
  const reason = reasons[0] !== undefined && html`<br><span class="note">${clipped(reasons[0], SAYS_MAX)}</span>`;
  const proven = proofTally(context.mistakes.get(row.id));
  const source = sourceLink(row);
  const place = html` <span class="note">${row.section !== '-' && html`· ${sectionLink(row.section)}`}${source && html` · ${source}`}</span>`;
  const states = context.runs.map(({ views: all }) => html`<td>${stateBadge(all.get(row.id)?.state ?? 'absent')}</td>`);
  return html`<tr id="${context.requirementAnchors.get(row.id)}">${states}<td>${obligationWord(row)}</td><td>${clipped(row.says, SAYS_MAX)}<br><code class="id">${clipped(row.id, 200)}</code>${reason}${proven !== undefined && html` <span class="note">· ${proven}</span>`}${place}</td><td>${judges(row.id, context)}</td></tr>
`;
}

/** For each run the cases that found a breach, then some of those in which it held, and how many more. */
function judges(id: string, { runs }: PageContext): Markup {
  const lists = runs.map((run) => judgesOf(run.views.get(id), run, runs.length > 1));
  return lists.every((list) => list === undefined) ? html`–` : html`<ul class="judges">${lists}</ul>`;
}

function judgesOf(
  view: RequirementView | undefined,
  { name, run, caseAnchors }: Pick<RunContext, 'name' | 'run' | 'caseAnchors'>,
  isNamed: boolean,
): Markup | undefined {
  if (!view) return undefined;
  if (view.brokenIn.length + view.heldIn.length === 0) return couldHave(view, { name, run, caseAnchors }, isNamed);
  const { brokenIn, heldIn } = view;
  const link = (case_: string, glyph: string): Markup =>
    html`<li>${glyph} <a href="#${caseAnchors.get(case_)}">${clipped(case_, 120)}</a></li>`;
  const broken = brokenIn.slice(0, LINKS_MAX);
  const heldMax = brokenIn.length > 0 || isNamed ? 1 : 2;
  const held = heldIn.slice(0, Math.max(0, heldMax - Math.max(0, broken.length - 1)));
  const more = brokenIn.length + heldIn.length - broken.length - held.length;
  return html`${isNamed && html`<li class="note">${name}</li>`}${broken.map(({ started }) => link(started.id, '✗'))}${held.map(({ started }) => link(started.id, '✓'))}${
    more > 0 && html`<li>and ${counted(more, 'more variant')}</li>`
  }`;
}

/** Variants that are about a requirement and could not judge it, each with its reason. */
function couldHave(
  { row }: RequirementView,
  { name, run, caseAnchors }: Pick<RunContext, 'name' | 'run' | 'caseAnchors'>,
  isNamed: boolean,
): Markup | undefined {
  const candidates = uncheckedRequirements(run).find((it) => it.row.id === row.id)?.candidates ?? [];
  if (candidates.length === 0) return undefined;
  const reasons = new Map(candidates.toReversed().map((it) => [it.reason, it]));
  const shown = [...reasons.values()].toReversed().slice(0, 2);
  const more = candidates.length - shown.length;
  return html`${isNamed && html`<li class="note">${name}</li>`}${shown.map(
    ({ record: { started }, reason }) =>
      html`<li>? <a href="#${caseAnchors.get(started.id)}">${clipped(started.id, 120)}</a> <span class="note">${clipped(reason, 200)}</span></li>`,
  )}${more > 0 && html`<li>and ${counted(more, 'more variant')}</li>`}`;
}
