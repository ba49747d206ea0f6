/** The self-test as a page: which fault of a driver which case or monitor has to catch, and where it did. */
import { createHash } from 'node:crypto';
import { html, type Markup, trusted } from './escape.ts';
import { STYLE } from './style.ts';

export interface MatrixCatch {
  readonly judge: string;
  readonly requirement: string;
  /** The variant in which it was caught, or null if it slipped through. */
  readonly caughtIn: string | null;
}

/** What the self-test leaves behind, as data. */
export interface FaultMatrix {
  readonly tool: { readonly name: string; readonly version: string };
  /** Cases and monitors that have to catch a fault, in the order of the catalogue. */
  readonly judges: readonly string[];
  readonly faults: readonly {
    readonly name: string;
    readonly says: string;
    readonly catches: readonly MatrixCatch[];
  }[];
  /** Legal drivers with what makes them unusual. */
  readonly characters: readonly { readonly name: string; readonly habits: readonly string[] }[];
  readonly variantCount: number;
  /** What is wrong, a sentence each. */
  readonly complaints: readonly string[];
}

const MATRIX_STYLE = `
.matrix { border-collapse: collapse; font-size: .75rem; }
.matrix td, .matrix th { border: 1px solid var(--line); padding: 0 .2rem; text-align: center; }
.matrix th[scope=row] { text-align: left; position: sticky; left: 0; background: var(--page); font-weight: 400; white-space: nowrap; }
.matrix thead th { vertical-align: bottom; font-weight: 400; }
.matrix thead span { writing-mode: vertical-rl; white-space: nowrap; }
.matrix .yes { background: var(--good-back); color: var(--good); } .matrix .no { background: var(--bad-back); color: var(--bad); }
`;
const SHEET = STYLE + MATRIX_STYLE;

/** The page; equal matrices give equal bytes, and no request goes anywhere. */
export function faultMatrixPage(matrix: FaultMatrix): string {
  const { tool, faults, judges, complaints } = matrix;
  const title = `Self-test of ${tool.name} ${tool.version}`;
  const catches = faults.flatMap((fault) => fault.catches);
  const caught = catches.filter(({ caughtIn }) => caughtIn !== null).length;
  const isSound = complaints.length === 0;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src '${trusted(digest(SHEET))}'; base-uri 'none'; form-action 'none'">
<title>${title}</title>
<style>${trusted(SHEET)}</style>
</head>
<body>
<header><h1>${title}</h1>
<p class="conclusion ${isSound ? 'pass' : 'fail'}">${isSound ? 'Every fault is caught as stated, and no legal driver is blamed.' : `${complaints.length} complaints.`}</p>
<p>${faults.length} faults of the sample driver; ${caught} of ${catches.length} catches by ${judges.length} cases and monitors; ${matrix.characters.length + 1} drivers without fault before ${matrix.variantCount} variants.</p>
</header>
<main>
${isSound ? undefined : complaintList(complaints)}
${characterList(matrix)}
${faultTable(matrix)}
${grid(matrix)}
</main>
</body>
</html>
`.source;
}

const digest = (source: string): string => `sha256-${createHash('sha256').update(source).digest('base64')}`;

function complaintList(complaints: readonly string[]): Markup {
  return html`<section><h2>What is wrong</h2>
<ul>${complaints.map(
    (complaint) => html`<li>${complaint}</li>
`,
  )}</ul></section>`;
}

function characterList({ characters }: FaultMatrix): Markup {
  return html`<section><h2>Drivers that break nothing</h2>
<p>The faultless driver has to pass every variant. These are unusual, and may be warned for what a SHOULD names.</p>
<ul>${characters.map(
    ({ name, habits }) => html`<li><b>${name}</b>: ${habits.join(', ')}</li>
`,
  )}</ul></section>`;
}

function faultTable({ faults }: FaultMatrix): Markup {
  return html`<section><h2>Faults</h2>
<div class="scroll"><table><thead><tr><th scope="col">fault</th><th scope="col">what the driver does</th><th scope="col">caught by, for, in</th></tr></thead><tbody>
${faults.map(
  ({
    name,
    says,
    catches,
  }) => html`<tr id="${name}"><td><code>${name}</code></td><td>${says}</td><td><ul>${catches.map(catchLine)}</ul></td></tr>
`,
)}</tbody></table></div></section>`;
}

const catchLine = ({ judge, requirement, caughtIn }: MatrixCatch): Markup =>
  html`<li>${judge}, <code>${requirement}</code>, ${caughtIn ?? html`<b>not caught</b>`}</li>`;

function grid({ faults, judges }: FaultMatrix): Markup {
  return html`<section><h2>Faults and judges</h2>
<p>● caught as stated, ✗ slipped through.</p>
<div class="scroll"><table class="matrix"><thead><tr><th></th>${judges.map((judge) => html`<th scope="col"><span>${judge}</span></th>`)}</tr></thead><tbody>
${faults.map(
  ({
    name,
    catches,
  }) => html`<tr><th scope="row"><a href="#${name}">${name}</a></th>${judges.map((judge) => cell(catches.filter((it) => it.judge === judge)))}</tr>
`,
)}</tbody></table></div></section>`;
}

function cell(catches: readonly MatrixCatch[]): Markup {
  if (catches.length === 0) return html`<td></td>`;
  return catches.every(({ caughtIn }) => caughtIn !== null)
    ? html`<td class="yes">●</td>`
    : html`<td class="no">✗</td>`;
}
