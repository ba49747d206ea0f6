/** Every requirement by section of the specification, with what the run says of it. */
import { clipped, counted } from '../printable.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { requirementViews, type RequirementView } from './requirement-states.ts';
import { compareSections, sectionTitle } from './section-titles.ts';
import { type RequirementState, stateBadge, stateWords } from './verdict-badge.ts';

const SAYS_MAX = 600;
/** Cases that are linked from a requirement; monitors judge nearly every case. */
const LINKS_MAX = 6;

const STATES: readonly RequirementState[] = ['broken', 'missed', 'held', 'unexercised', 'unjudged', 'inapplicable'];

export function requirementsSection(context: PageContext): Markup {
  const views = requirementViews(context.run);
  const virtio = views.filter(({ row }) => row.source === 'virtio');
  const implied = views.filter(({ row }) => row.source === 'implied');
  return html`<section id="requirements" aria-labelledby="requirements-heading">
<h2 id="requirements-heading">Requirements</h2>
<p>${totals(views)}. A requirement is <em>held</em> if it was judged at least once and never found broken.</p>
<h3>From the virtio specification</h3>
${sections(virtio, context)}
<h3>Implied by prose, platform documents and agreed behaviour; scored apart</h3>
${sections(implied, context)}
</section>
`;
}

function sections(views: readonly RequirementView[], context: PageContext): Markup {
  if (views.length === 0) return html`<p>None in this requirement set.</p>`;
  const bySection = new Map<string, RequirementView[]>();
  for (const view of views) bySection.set(view.row.section, [...(bySection.get(view.row.section) ?? []), view]);
  const ordered = [...bySection].toSorted(([a], [b]) => compareSections(a, b));
  return html`${ordered.map(([section, members]) => sectionTable(section, members, context))}`;
}

function sectionTable(section: string, views: readonly RequirementView[], context: PageContext): Markup {
  const loud = views.some(({ state }) => state === 'broken' || state === 'missed');
  const title = section === '-' ? 'Without a section' : sectionTitle(section);
  return html`<details class="group"${loud && html` open`}><summary><h4>${clipped(title, 100)}</h4> <span class="tally">${totals(views)}</span></summary>
<div class="scroll"><table class="requirements"><thead><tr><th scope="col">state</th><th scope="col">keyword</th><th scope="col">what is demanded</th><th scope="col">judged by</th></tr></thead><tbody>
${views.map((view) => requirementRow(view, context))}</tbody></table></div></details>
`;
}

function requirementRow({ row, state, brokenIn, heldIn }: RequirementView, context: PageContext): Markup {
  const reason =
    state === 'inapplicable' &&
    row.reason !== undefined &&
    html`<br><span class="note">${clipped(row.reason, SAYS_MAX)}</span>`;
  return html`<tr id="${context.requirementAnchors.get(row.id)}"><td>${stateBadge(state)}</td><td>${row.keyword}</td><td>${clipped(row.says, SAYS_MAX)}<br><code class="id">${clipped(row.id, 200)}</code>${reason}</td><td>${judges(brokenIn, heldIn, context)}</td></tr>
`;
}

/** The cases that found a breach, then some of those in which it held, and how many more. */
function judges(broken: RequirementView['brokenIn'], held: RequirementView['heldIn'], context: PageContext): Markup {
  if (broken.length + held.length === 0) return html`–`;
  const link = (id: string, glyph: string): Markup =>
    html`<li>${glyph} <a href="#${context.caseAnchors.get(id)}">${clipped(id, 120)}</a></li>`;
  const shownBroken = broken.slice(0, LINKS_MAX);
  const shownHeld = held.slice(0, Math.max(0, (broken.length > 0 ? 1 : 2) - Math.max(0, shownBroken.length - 1)));
  const more = broken.length + held.length - shownBroken.length - shownHeld.length;
  return html`<ul class="judges">${shownBroken.map(({ started: { id } }) => link(id, '✗'))}${shownHeld.map(({ started: { id } }) => link(id, '✓'))}${
    more > 0 && html`<li>and ${counted(more, 'more case', 'more cases')}</li>`
  }</ul>`;
}

/** `2 broken, 5 held, 1 not exercised` */
function totals(views: readonly RequirementView[]): string {
  return STATES.map((state) => ({ state, count: views.filter((view) => view.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${count} ${stateWords(state)}`)
    .join(', ');
}
