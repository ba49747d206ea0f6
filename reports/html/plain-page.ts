/** A page of tables that needs nothing but itself, and looks as the report does. */
import { html, type Markup } from './escape.ts';
import { pageFrame } from './page-frame.ts';
import { BASE_STYLE } from './style.ts';

const STYLE = `${BASE_STYLE}
.plain { width: auto; } .plain td { min-width: 4.5rem; padding-right: .9rem; } .plain th[scope=row] { font-weight: 400; min-width: 15rem; }
.plain thead th { vertical-align: bottom; } .plain .counts li { white-space: nowrap; }
.plain .figure { margin: 0; } .plain .figure b { font-size: 1.25rem; } .plain .bar { min-width: 9rem; } .plain p { margin: 0 0 .2rem; } .plain .legend { display: block; margin: .2rem 0; } .plain .counts { display: block; margin: 0; } .plain td { overflow-wrap: break-word; }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .odd { color: var(--odd); } .soft { color: var(--soft); }
`;

/** The whole document; no script runs on it. */
export function plainPage(title: string, body: Markup): string {
  return pageFrame({
    title,
    style: STYLE,
    body: html`<header><h1>${title}</h1></header>
<main>
${body}</main>
`,
  });
}

/** A table with its own scroll bar, named by its columns; cells are markup already. */
export function htmlTable(head: readonly string[], rows: readonly (readonly Markup[])[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${head.join(', ')}"><table class="plain"><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(tableRow)}</tbody></table></div>
`;
}

function tableRow(row: readonly Markup[]): Markup {
  return html`<tr>${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>
`;
}
