/** What happened in variants, as a page without scripts. */
import type { CaseRecord, RunRecord } from '../record/model.ts';
import { clipped, oneLine } from '../printable.ts';
import { bindingOf, citation, findingsOf, requirementsById, sentenceOf, outcomeOf } from '../run-view.ts';
import { anchorsFor } from './anchors.ts';
import { course } from './course.ts';
import { html, type Markup } from './escape.ts';
import { pageFrame } from './page-frame.ts';
import { STYLE } from './style.ts';
import { outcomeBadge } from './verdict-badge.ts';

const TEXT_MAX = 1500;

/** The whole document; at least one variant. */
export function variantPage(run: RunRecord, records: readonly [CaseRecord, ...CaseRecord[]]): string {
  const { driver } = run.header;
  const [{ started }] = records;
  const anchors = anchorsFor(
    'case',
    records.map((record) => record.started.id),
  );
  const name = records.length === 1 ? started.id : started.case;
  return pageFrame({
    title: clipped(oneLine(`${name} with ${driver.name} ${driver.version}`), 200),
    style: STYLE,
    body: html`<header><p class="tool">${clipped(oneLine(`${driver.name} ${driver.version}`), 400)}</p><h1><code>${clipped(name, 200)}</code></h1></header>
<main>${records.map((record) => variant(record, run, anchors.get(record.started.id) ?? ''))}</main>
`,
  });
}

function variant(record: CaseRecord, run: RunRecord, anchor: string): Markup {
  const rows = requirementsById(run);
  const { started, judgement } = record;
  const found = findingsOf(record).map(
    (finding) =>
      html`<li class="${finding.verdict}">${clipped(oneLine(finding.says), TEXT_MAX)} <span class="note">${clipped(citation(rows, finding), TEXT_MAX)}</span></li>`,
  );
  return html`<section id="${anchor}"><h2>${outcomeBadge(outcomeOf(record))} <code>${clipped(started.id, 200)}</code></h2>
<p class="verdict">${clipped(oneLine(sentenceOf(record)), TEXT_MAX)}</p>
${found.length > 0 && html`<ol class="findings">${found}</ol>`}<p>${clipped(started.demands, TEXT_MAX)}</p>
${judgement && html`<pre class="command"><code>${clipped(oneLine(judgement.repeat), TEXT_MAX)}</code></pre>`}
${course(record, { anchor, naming: (finding) => bindingOf(rows, finding) })}</section>
`;
}
