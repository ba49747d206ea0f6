/** Root causes against runs: which driver breaks what, in how many variants, with a link to each. */
import { clipped, oneLine } from '../printable.ts';
import type { RequirementRow } from '../record/model.ts';
import { type RootCause, variantsOf } from '../root-causes.ts';
import { obligationRank, obligationWord } from '../words/obligation.ts';
import { requirementLink } from './case-article.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext, RunContext } from './page-context.ts';
import { stateBadge } from './verdict-badge.ts';

const SAYS_MAX = 300;
const ROWS_MAX = 200;

/** Nothing for a page of one run, and where no run breaks anything. */
export function causeMatrix(context: PageContext): Markup | undefined {
  const { runs } = context;
  const rows = brokenRows(context);
  if (runs.length < 2 || rows.length === 0) return undefined;
  return html`<div class="scroll"><table class="side"><thead><tr><th scope="col">requirement</th>${runs.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${rows.slice(0, ROWS_MAX).map(
  (row) =>
    html`<tr><th scope="row"><b>${obligationWord(row)}</b> ${clipped(oneLine(row.says), SAYS_MAX)} <span class="note">${requirementLink(row.id, context)}</span></th>${runs.map((run) => cell(row, run))}</tr>
`,
)}</tbody></table></div>
`;
}

/** What any of the runs breaks, what binds most first, else in the order of the tables. */
function brokenRows({ runs, requirements }: PageContext): RequirementRow[] {
  const broken = new Set(
    runs.flatMap(({ causes }) => causes.flatMap(({ findings }) => findings.map(({ requirement }) => requirement))),
  );
  return [...requirements.values()]
    .filter(({ id }) => broken.has(id))
    .toSorted((a, b) => obligationRank(a) - obligationRank(b));
}

/** How many variants show it, as a link to the best of them; else how the requirement stands. */
function cell({ id }: RequirementRow, { causes, views, caseAnchors }: RunContext): Markup {
  const cause = causes.find(({ findings }) => findings.some(({ requirement }) => requirement === id));
  if (!cause) return html`<td>${stateBadge(views.get(id)?.state ?? 'absent')}</td>`;
  return html`<td>${stateBadge(stateOf(cause))} <a href="#${caseAnchors.get(cause.first.started.id)}">${variantsOf(cause).length}×</a></td>`;
}

const stateOf = ({ findings: [{ verdict }] }: RootCause): 'broken' | 'missed' =>
  verdict === 'warn' ? 'missed' : 'broken';
