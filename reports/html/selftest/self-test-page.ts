/** The self-test as a page: what of the specification is judged, and which planted mistakes are caught. */
import type { SelfTest } from '../../record/self-test.ts';
import { html, type Markup } from '../escape.ts';
import { pageFrame } from '../page-frame.ts';
import { MATRIX_STYLE } from '../style-matrix.ts';
import { BASE_STYLE } from '../style.ts';
import { type CoverageFacts, coveragePictures, notJudged } from './catalogue-coverage.ts';
import { faultMatrix } from './fault-matrix.ts';
import { proofsAnchor, requirementProofs } from './requirement-proofs.ts';
import { selfTestSummary } from './self-test-summary.ts';

const STYLE = BASE_STYLE + MATRIX_STYLE;

/** The page of the self-test; equal self-tests give equal bytes. */
export function selfTestPage(selfTest: SelfTest): string {
  const { tool, complaints } = selfTest;
  const title = `Self-test of ${tool.name} ${tool.version}`;
  return pageFrame({
    title,
    style: STYLE,
    body: html`<header><h1>${title}</h1>
${selfTestSummary(selfTest)}<nav aria-label="Sections"><a href="#covered">What is judged</a> <a href="#faults">What is caught</a> <a href="#proofs">By requirement</a> <a href="#characters">Drivers that break nothing</a></nav>
</header>
<main>
${complaints.length > 0 && complaintList(complaints)}<section id="covered"><h2>What of virtio ${selfTest.revision} is judged</h2>
${coveragePictures(selfTest)}
${notJudged(selfTest)}</section>
<section id="faults"><h2>What is caught</h2>
<p>Planted mistakes by the section whose requirement they break and by the cases and monitors that have to catch them. A number counts catches; ✗ counts what slipped through.</p>
${faultMatrix(selfTest, proofsAnchor)}</section>
<section id="proofs"><h2>By requirement</h2>
${requirementProofs(selfTest)}</section>
${characterList(selfTest)}</main>
`,
  });
}

/** The page of `coverage`; equal facts give equal bytes. */
export function coveragePage(facts: CoverageFacts): string {
  const title = `Requirements on a driver in virtio ${facts.revision}`;
  return pageFrame({
    title,
    style: STYLE,
    body: html`<header><h1>${title}</h1></header>
<main>
<h2>What is judged</h2>
${coveragePictures(facts)}
<h2>What is not judged</h2>
${notJudged(facts)}</main>
`,
  });
}

function complaintList(complaints: readonly string[]): Markup {
  return html`<section><h2>What is wrong</h2>
<ul>${complaints.map(
    (complaint) => html`<li>${complaint}</li>
`,
  )}</ul></section>
`;
}

function characterList({ characters }: SelfTest): Markup {
  return html`<section id="characters"><h2>Drivers that break nothing</h2>
<p>The faultless driver has to pass every variant. These are unusual, and may be warned for what a SHOULD names.</p>
<ul>${characters.map(
    ({ name, habits }) => html`<li><b>${name}</b>: ${habits.join(', ')}</li>
`,
  )}</ul></section>
`;
}
