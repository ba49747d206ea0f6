/** What the run did not check: the reason, what it hides, in which variants, and what would let it be checked. */
import { counted } from '../../reference-device/counted.ts';
import { hiddenWords, notChecked, type Unchecked, type UncheckedGroup } from '../not-checked.ts';
import { clipped, oneLine } from '../printable.ts';
import { obligationWord } from '../words/obligation.ts';
import { requirementLink } from './case-article.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';

const TEXT_MAX = 400;
/** Variants that are linked for one reason. */
const LINKS_MAX = 12;

/** Nothing where everything was checked. */
export function uncheckedSection(context: PageContext): Markup | undefined {
  const parts = context.runs.flatMap((run) => runUnchecked(run, context) ?? []);
  if (parts.length === 0) return undefined;
  return html`<section id="unchecked" aria-labelledby="unchecked-heading"><h2 id="unchecked-heading">Not checked</h2>
${parts}</section>
`;
}

function runUnchecked(run: RunContext, context: PageContext): Markup | undefined {
  const groups = notChecked(run.run);
  if (groups.length === 0) return undefined;
  const all = groups.flatMap(({ requirements }) => requirements);
  return html`${
    context.runs.length > 1 &&
    html`<h3 class="driver">${run.name}</h3>
`
  }<p>${hiddenWords(all)} bind this driver and were not checked. By reason, with what it would take:</p>
${groups.map((group) => groupItem(group, run, context))}`;
}

function groupItem(
  { reason, opener, requirements, records }: UncheckedGroup,
  run: RunContext,
  context: PageContext,
): Markup {
  const links = records
    .slice(0, LINKS_MAX)
    .map(({ started: { id } }) => html`<a href="#${run.caseAnchors.get(id)}"><code>${clipped(id, 200)}</code></a> `);
  const where =
    records.length > 0 ? html` <span class="tally">${counted(records.length, 'variant')}</span>` : undefined;
  return html`<details class="unchecked"><summary><b>${hiddenWords(requirements)}</b>${where} <span class="says">${clipped(oneLine(reason), TEXT_MAX)}</span>${opener !== undefined && html` <span class="note">Needs ${clipped(opener, TEXT_MAX)}.</span>`}</summary>
<div class="body"><ul>${requirements.map((it) => requirementItem(it, context))}</ul>${
    records.length > 0 &&
    html`<p class="note">Variants: ${links}${records.length > links.length && html` and ${records.length - links.length} more`}</p>`
  }</div></details>
`;
}

const requirementItem = ({ row }: Unchecked, context: PageContext): Markup =>
  html`<li><b>${obligationWord(row)}</b> ${clipped(row.says, TEXT_MAX)} <span class="note">${requirementLink(row.id, context)}</span></li>`;
