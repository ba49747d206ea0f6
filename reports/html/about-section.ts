/** The end of the page: everything that identifies a run. */
import type { RunRecord } from '../record/model.ts';
import { clipped, oneLine } from '../printable.ts';
import { duration, requirementSetName } from '../run-view.ts';
import { CITATION, EDITION } from '../words/specification.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';
import { counted } from '../../reference-device/counted.ts';

export function aboutSection({ runs }: PageContext): Markup {
  return html`<section id="about" aria-labelledby="about-heading"><h2 id="about-heading">${runs.length === 1 ? 'About this run' : 'About these runs'}</h2>
${runs.map(({ run, name }) => html`${runs.length > 1 && html`<h3 class="driver">${name}</h3>`}${facts(run)}`)}<p class="note">The requirements explain, in our words, <a href="${EDITION}" rel="noreferrer">${CITATION}</a> All rights reserved; the notices stand on its first pages.</p>
</section>
`;
}

function facts(run: RunRecord): Markup {
  const { header, footer } = run;
  const { driver, catalogue } = header;
  const rows: Readonly<Record<string, string>> = {
    driver: `${driver.name} ${driver.version}`,
    configuration: driver.configuration || 'none given',
    ...(driver.faults.length > 0 && { 'faults switched on': driver.faults.join(', ') }),
    'requirement set': requirementSetName(run),
    seed: String(header.seed),
    command: header.command,
    catalogue: `${counted(catalogue.cases, 'case')}, ${counted(catalogue.variants, 'variant')}, digest ${catalogue.digest}`,
    tool: `${header.tool.name} ${header.tool.version}`,
    started: header.startedAt,
    ...(footer && { took: duration(footer.durationMs), 'exit code': String(footer.exitCode) }),
  };
  return html`<dl class="facts">${Object.entries(rows).map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${clipped(oneLine(value), 1000)}</dd></div>`,
  )}</dl>
`;
}
