/** How far to trust the verdicts of a page: what the catalogue judges, and which planted mistakes it catches. */
import { coveragePictures, notJudged } from './selftest/catalogue-coverage.ts';
import { faultMatrix } from './selftest/fault-matrix.ts';
import { selfTestSummary } from './selftest/self-test-summary.ts';
import { html, type Markup } from './escape.ts';
import type { PageContext } from './page-context.ts';

/** Nothing where no self-test was given. */
export function trustSection({ runs, selfTest, sectionAnchors }: PageContext): Markup | undefined {
  if (!selfTest) return undefined;
  const digests = new Set(runs.map(({ run }) => run.header.catalogue.digest));
  const isOther = [...digests].some((digest) => digest !== selfTest.catalogue.digest);
  return html`<section id="trust" aria-labelledby="trust-heading"><h2 id="trust-heading">How far to trust this</h2>
${
  isOther &&
  html`<p class="incomplete">The self-test is of another catalogue (digest ${selfTest.catalogue.digest}) than the cases of this page.</p>
`
}${selfTestSummary(selfTest)}<p>The table of <a href="#requirements">requirements</a> says of each how many planted mistakes that break it are caught.</p>
<details class="part"><summary><h3>What of virtio ${selfTest.revision} is judged, and what cannot be</h3></summary>
${coveragePictures(selfTest)}
${notJudged(selfTest)}</details>
<details class="part" open><summary><h3>What is caught, by section and topic</h3></summary>
<p>A number counts planted mistakes that the cases of a topic catch for a section; ✗ counts what slipped through.</p>
${faultMatrix(selfTest, ({ source, section }) => sectionAnchors.get(`${source}-${section}`))}</details></section>
`;
}
