/** A page of tables that needs nothing but itself: no script, no requests, light and dark. */
import { createHash } from 'node:crypto';
import { html, type Markup, trusted } from './html/escape.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --line: #d5dae0; --page: #fff; --panel: #f6f8fa;
  --good: #116329; --bad: #a40e26; --warn: #7a4b00; --odd: #6b2a8c; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b3; --line: #343b44; --page: #0d1117;
  --panel: #161b22; --good: #7ee2a0; --bad: #ffa198; --warn: #f2cc60; --odd: #dab8ff; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 1.5rem 1.25rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.8rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.3rem; margin: 2rem 0 .5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .9rem .35rem 0; border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .8rem; border-top: 0; white-space: nowrap; }
td { min-width: 4.5rem; }
code { font: .92em ui-monospace, monospace; } .soft { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); } .odd { color: var(--odd); }
.banner { border: 2px solid; border-radius: .4rem; padding: .6rem 1rem; color: var(--bad); font-weight: 600; }
`;

const STYLE_DIGEST = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

/** The whole document; the policy lets nothing in but our own style, whatever a driver has written. */
export function plainPage(title: string, body: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${trusted(STYLE_DIGEST)}'; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
${body}</body>
</html>
`.source;
}

/** A table with its own scroll bar; cells are markup already. */
export function htmlTable(head: readonly string[], rows: readonly (readonly Markup[])[]): Markup {
  return html`<div class="scroll"><table><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(tableRow)}</tbody></table></div>
`;
}

function tableRow(row: readonly Markup[]): Markup {
  return html`<tr>${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td>${cell}</td>`))}</tr>
`;
}
