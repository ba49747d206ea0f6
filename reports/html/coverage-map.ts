/** The specification as a picture: a square for each requirement, coloured by what the run says of it. */
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { statesOf, stateWaffle } from './requirement-states.ts';
import { type SectionGroup, sectionGroups, SOURCE_TITLES } from './section-groups.ts';
import { type RequirementState, stateWords } from './verdict-badge.ts';

const LEGEND: readonly RequirementState[] = ['held', 'broken', 'missed', 'unexercised', 'unjudged', 'inapplicable'];

export function coverageSection(context: PageContext): Markup {
  return html`<section id="coverage" aria-labelledby="coverage-heading">
<h2 id="coverage-heading">The specification at a glance</h2>
<p class="note">One square is one requirement. A section leads to its requirements.</p>
<ul class="legend squares">${LEGEND.map((state) => html`<li class="${state}">${stateWords(state)}</li>`)}</ul>
${(['virtio', 'implied'] as const).map((source) => sourceMap(source, context))}
</section>
`;
}

function sourceMap(source: 'virtio' | 'implied', context: PageContext): Markup | undefined {
  const groups = sectionGroups(source, context);
  if (groups.length === 0) return undefined;
  return html`<h3>${SOURCE_TITLES[source]}</h3>
<ul class="map">${groups.map((group) => tile(group, context))}</ul>
`;
}

function tile({ title, anchor, rows }: SectionGroup, { runs }: PageContext): Markup {
  const pictures = runs.map(({ views }) => stateWaffle(statesOf(rows, views)));
  return html`<li><a href="#${anchor}">${title}</a> ${pictures}</li>
`;
}
