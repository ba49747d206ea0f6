import { describe, expect, it } from 'vitest';
import { HOSTILE, hostileRun } from '../fixtures/hostile-run.ts';
import { fixtureSelfTest } from '../fixtures/self-test.ts';
import { cutRun, fixtureCase, largeRun, runOf, syntheticRun } from '../fixtures/synthetic-run.ts';
import { drawingScript } from './drawing/script.ts';
import { htmlPage, htmlReport } from './html-report.ts';
import { pageScript } from './script.ts';
import { STYLE } from './style.ts';

const page = htmlReport.render(syntheticRun());
const hostile = htmlReport.render(hostileRun());

const SCRIPT = pageScript();

/** Everything of the page but our own style and script, and the log that it carries. */
const markupOf = (source: string): string => source.replace(STYLE, '').replace(SCRIPT, '').replace(DATA, '');

const DATA = /<script type="text\/plain" class="data">[A-Za-z0-9+/=]*<\/script>/g;

/** Element names as a parser would nest them; void elements and text left out. Throws where they do not nest. */
function checkNesting(source: string): number {
  const open: string[] = [];
  const voids = new Set(['meta', 'br', 'input']);
  let count = 0;
  for (const [, closing, name = '', selfClosing] of markupOf(source).matchAll(
    /<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g,
  )) {
    count++;
    if (voids.has(name) || selfClosing) continue;
    if (!closing) open.push(name);
    else if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
  }
  if (open.length > 0) throw new Error(`left open: ${open.join(' ')}`);
  return count;
}

/** The tags without what stands in quoted attributes, which is text. */
const tagsOf = (source: string): string => markupOf(source).replace(/"[^"]*"/g, '""');

const idsOf = (source: string): string[] => [...markupOf(source).matchAll(/ id="([^"]*)"/g)].map(([, id = '']) => id);
const targetsOf = (source: string): string[] =>
  [...markupOf(source).matchAll(/href="#([^"]*)"/g)].map(([, id = '']) => id);

/** The page of a run with one failure that was expected, with `link` to the reason. */
const expecting = (link: string): string => {
  const sketch = { verdict: 'fail' as const, expected: { reason: 'known', link } };
  return htmlReport.render(runOf([fixtureCase('a/b', sketch)]));
};

describe.each([
  ['a run with every outcome', page],
  ['a run that was cut off', htmlReport.render(cutRun())],
  ['a hostile run', hostile],
  ['a run without cases', htmlReport.render(runOf([]))],
  ['a run beside a baseline', htmlPage([syntheticRun()], { baseline: cutRun() })],
  ['a run beside a self-test', htmlPage([syntheticRun()], { selfTest: fixtureSelfTest })],
  ['two runs side by side', htmlPage([syntheticRun(), cutRun()])],
])('the page of %s', (_name, source) => {
  it('nests its elements', () => {
    expect(checkNesting(source)).toBeGreaterThan(40);
  });

  it('has unique ids, and every link within it leads somewhere', () => {
    const ids = idsOf(source);
    expect(new Set(ids).size).toBe(ids.length);
    // An event of a variant that is drawn on demand is there as soon as somebody follows the link.
    const places = targetsOf(source).map((target) => target.replace(/\.event-\d+$/, ''));
    expect(places.filter((target) => !ids.includes(target))).toEqual([]);
  });

  it('asks for nothing from outside', () => {
    expect(tagsOf(source)).not.toMatch(/<[^>]*\s(src|srcset|data|poster|background)=/);
    expect(markupOf(source)).not.toMatch(/<(link|img|iframe|object|embed|base)\b/);
    expect(STYLE).not.toMatch(/url\(|@import/);
    expect(source).toContain(`default-src 'none'`);
  });

  it('holds one script, which is ours, and no handler in an attribute', () => {
    expect(source.replace(DATA, '').match(/<script/g)).toHaveLength(1);
    expect(source).toContain(`<script>${SCRIPT}</script>`);
    expect(tagsOf(source)).not.toMatch(/<[^>]* on[a-z]+=/);
  });
});

describe('the page', () => {
  it('has equal bytes for equal runs', () => {
    expect(htmlReport.render(syntheticRun())).toBe(page);
  });

  it('tells who was tested against what, by which command, and gives four numbers for each score', () => {
    expect(page).toContain('6.12.43-cloud-amd64');
    expect(page).toContain('<b>virtio 1.4</b> · seed <b>42</b>');
    const about = page.slice(page.indexOf('id="about"'));
    expect(about).toContain('<dd>iommu.strict=1 nokaslr mitigations=off</dd>');
    expect(about).toContain('<dd>viommuspec run --driver linux --seed 42</dd>');
    for (const number of [78, 80, 95, 141]) expect(page).toContain(`<dd>${number}</dd>`);
    expect(page).toContain('78 held, 2 broken, 15 not exercised, 46 not applicable');
  });

  it('puts what failed before what passed, and opens the first variant of the first cause alone', () => {
    expect(page.match(/<details class="case[^>]* open>/g)).toHaveLength(1);
    expect(page).toMatch(/id="case-map\/end-above-start:equal"[^>]* open>/);
    expect(page.indexOf('id="cases-fail"')).toBeLessThan(page.indexOf('id="cases-pass"'));
    expect(page).not.toMatch(/id="case-map\/exact-range:4k"[^>]* open>/);
  });

  it('shows every state of a requirement as what it is', () => {
    for (const words of ['broken', 'not followed', 'held', 'not exercised', 'judged by no case', 'not applicable']) {
      expect(page).toMatch(
        new RegExp(`<span class="badge [a-z-]+"><span aria-hidden="true">.</span> ${words}</span>`, 'u'),
      );
    }
    expect(page).toContain('The driver does not accept VIRTIO_IOMMU_F_PROBE.');
  });

  it('links a finding to the event that proves it, and marks that event', () => {
    expect(page).toContain('href="#case-map/end-above-start:equal.event-29"');
    expect(page).toMatch(/class="wire offending fail f1 t2" id="case-map\/end-above-start:equal\.event-29"/);
  });

  it('says INCOMPLETE for a log without a footer, and gives no score', () => {
    const cut = htmlReport.render(cutRun());
    expect(cut).toContain('<strong>INCOMPLETE</strong> The log has no end');
    expect(cut).toContain('There is no score');
    expect(cut).not.toContain('class="card"');
  });

  it('names the cases that never started', () => {
    const run = runOf([fixtureCase('a/b')], { interrupted: true, notRun: ['never/started'], exitCode: 130 });
    expect(htmlReport.render(run)).toContain('<li><code>never/started</code></li>');
  });

  it('says that a driver was broken on purpose', () => {
    const run = syntheticRun();
    const driver = { ...run.header.driver, faults: ['map-end-exclusive'] };
    expect(htmlReport.render({ ...run, header: { ...run.header, driver } })).toContain(
      'with 1 fault switched on (map-end-exclusive)',
    );
  });

  it('leads from a requirement to the specification, or says on what it rests', () => {
    const edition = 'https://docs.oasis-open.org/virtio/virtio/v1.4/cs01/virtio-v1.4-cs01.html#x1-6430001';
    const line = 'https://github.com/oasis-tcs/virtio-spec/blob/v1.4-cs01/device-types/iommu/description.tex#L497';
    expect(page).toContain(`<a href="${edition}" rel="noreferrer">5.13.6.5.1</a>`);
    expect(page).toContain(`<a href="${line}" rel="noreferrer">`);
    expect(page).toContain('rests on agreed behaviour of drivers');
  });

  it('links to the web address of an expectation and to nothing else', () => {
    expect(expecting('https://example.org/1')).toContain('<a href="https://example.org/1" rel="noreferrer">');
    expect(expecting('javascript:alert(1)')).not.toContain('href="javascript');
  });

  it('shows hostile text as text', () => {
    expect(HOSTILE).toContain('<script>');
    expect(hostile).not.toContain('<script>alert');
    expect(hostile).not.toContain('<img');
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(hostile).not.toMatch(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}]/u);
  });
});

describe('what a driver breaks', () => {
  it('stands at the top, with its keyword, its proof byte by byte, and the command that repeats it', () => {
    const top = page.slice(page.indexOf('id="causes"'), page.indexOf('id="unchecked"'));
    expect(top).toContain('virt_end of a MAP request must lie above virt_start, both being inclusive.');
    expect(top).toContain('<td>virt_end</td><td>0x1000</td>');
    expect(top).toContain('viommuspec run --driver linux --seed 42 --case map/end-above-start:equal</code>');
  });

  it('has what nobody expected before what is expected', () => {
    const [unexpected, expected] = ['map/end-above-start', 'platform/free/unmapped-when-freed'].map((id) =>
      page.indexOf(`#requirement-${id === 'map/end-above-start' ? `iommu/driver/${id}` : id}`),
    );
    expect(unexpected).toBeLessThan(expected ?? 0);
  });
});

describe('what changed against a baseline', () => {
  const mended = runOf([fixtureCase('map/end-above-start:equal')]);

  it('says what is newly broken, with the sentence that says so', () => {
    const changed = htmlPage([syntheticRun()], { baseline: mended });
    expect(changed).toContain('<span class="badge fail">newly broken</span>');
    expect(changed).toContain('<a href="#case-map/end-above-start:equal">');
    expect(changed).toContain('passed → failed');
  });

  it('says what is fixed, and what the runs themselves differ in', () => {
    const changed = htmlPage([{ ...mended, header: { ...mended.header, seed: 7 } }], { baseline: syntheticRun() });
    expect(changed).toContain('<span class="badge pass">fixed</span>');
    expect(changed).toContain('The runs themselves differ: seed');
  });

  it('says so if nothing changed', () => {
    expect(htmlPage([mended], { baseline: mended })).toContain('nothing changed');
    expect(page).not.toContain('What changed');
  });
});

describe('a self-test beside the run', () => {
  const { digest } = syntheticRun().header.catalogue;
  const [row] = fixtureSelfTest.requirements;

  it('says how far to trust the page, and of each requirement how many planted mistakes are caught', () => {
    const selfTest = { ...fixtureSelfTest, catalogue: { ...fixtureSelfTest.catalogue, digest } };
    const trusted = htmlPage([syntheticRun()], { selfTest });
    expect(trusted).toContain('<section id="trust"');
    expect(trusted).toContain(`<code class="id">${row?.id}</code> <span class="note">· 1 of 2 planted mistakes caught`);
    expect(trusted).not.toContain('of another catalogue');
  });

  it('of another catalogue is told', () => {
    expect(htmlPage([syntheticRun()], { selfTest: fixtureSelfTest })).toContain('of another catalogue');
    expect(page).not.toContain('id="trust"');
  });
});

describe('several runs side by side', () => {
  const other = syntheticRun();
  const newer = { ...other, header: { ...other.header, driver: { ...other.header.driver, version: '6.18' } } };
  const both = htmlPage([syntheticRun(), newer]);

  it('have a column each in the table of requirements, and cases of their own', () => {
    expect(both).toMatch(/<th [^>]*>linux 6\.12\.43-cloud-amd64<\/th><th [^>]*>linux 6\.18<\/th>/);
    expect(both).toContain('id="case1-map/exact-range:4k"');
    expect(both).toContain('id="case2-map/exact-range:4k"');
  });

  it('have a matrix of what each breaks, with a link into its cases', () => {
    const matrix = both.slice(both.indexOf('<table class="side"'), both.indexOf('<ol class="causes"'));
    const row = matrix.slice(matrix.indexOf('virt_end of a MAP request'));
    expect(row).toContain('<a href="#case1-map/end-above-start:equal">1×</a>');
    expect(row).toContain('<a href="#case2-map/end-above-start:equal">1×</a>');
    expect(matrix.indexOf('<b>MUST</b>')).toBeLessThan(matrix.indexOf('<b>platform rule</b>'));
    expect(page).not.toContain('<table class="side"');
  });

  it('are numbered where they have the same name', () => {
    expect(htmlPage([other, other])).toContain('linux 6.12.43-cloud-amd64 (2)');
  });
});

describe('quiet variants of one case', () => {
  const variants = ['4k', '64k', '2m'].map((variant) => fixtureCase(`map/exact-range:${variant}`));
  const own = fixtureCase('map/exact-range:1g', { says: 'Everything held, twice.' });

  it('stand in one frame that says once what is demanded of them all', () => {
    const source = htmlReport.render(runOf(variants));
    expect(source.match(/<h5>Requirement<\/h5>/g)).toHaveLength(1);
    expect(source.match(/Everything that was demanded held\./g)).toHaveLength(1);
    expect(source).toContain('<span class="tally">3 variants</span>');
    for (const { started } of variants) expect(source).toContain(`id="case-${started.id}"`);
  });

  it('say each what came of it where that differs', () => {
    const source = htmlReport.render(runOf([...variants, own]));
    expect(source).toContain('<code>1g</code> <span class="title">Everything held, twice.</span>');
  });

  it('stand apart where they demand different things', () => {
    const other = fixtureCase('map/exact-range:1g', { demands: 'Something else.' });
    expect(htmlReport.render(runOf([...variants, other])).match(/<h5>Requirement<\/h5>/g)).toHaveLength(2);
  });
});

describe('the size of the page', () => {
  it.each([
    ['of which every tenth fails', 10],
    ['of which a few fail', 50],
  ])('stays below 5 MB with 2,000 variants %s, which are all there', (_what, every) => {
    const large = htmlReport.render(largeRun(2000, every));
    expect(Buffer.byteLength(large)).toBeLessThan(5_000_000);
    expect(large.match(/<details class="case/g)).toHaveLength(2000);
    expect(large.match(/<div class="course"/g)).toHaveLength(2000);
  });

  it('has the course of the first variant of each cause drawn, and no other', () => {
    expect(htmlReport.render(largeRun(600)).match(/<table class="trace l\d/g)).toHaveLength(1);
    expect(page.match(/<table class="trace l\d/g)).toHaveLength(5);
  });

  it('holds 60 kB of what draws the others at most', () => {
    expect(Buffer.byteLength(drawingScript())).toBeLessThan(60_000);
  });
});

describe('the headline of the page', () => {
  it('says what is broken and what was not checked, and leads there', () => {
    expect(page).toContain('<a href="#causes">The harness itself went wrong in 1 variant. 1 specification MUST and 2 ');
    expect(page).toContain('3 of 6 MUSTs checked, 3 not: <a href="#unchecked">why</a>');
  });

  it('ignores the list of expected failures, and says beside it what the list makes of the run', () => {
    const header = { ...syntheticRun().header, expectations: [] };
    const expectation = { cases: 'a/*', requirements: '*', reason: 'known', line: 1, variantCount: 1 };
    const cases = [
      fixtureCase('a/b', {
        verdict: 'fail',
        expected: { reason: 'known' },
        judged: [{ requirement: 'iommu/driver/map/end-above-start', times: 1, held: false }],
      }),
    ];
    const run = { ...runOf(cases, { exitCode: 0 }), header: { ...header, expectations: [expectation] } };
    const shown = htmlReport.render(run);
    expect(shown).toContain('<p class="conclusion bad"><a href="#causes">1 specification MUST broken');
    expect(shown).toContain('Against the list of expected failures: No failure beyond the 1 expected');
  });

  it('has what changed since the last run', () => {
    expect(htmlPage([syntheticRun()], { baseline: runOf([]) })).toContain(
      '<a href="#changes">5 newly broken, 0 fixed since the last run</a>',
    );
  });
});

describe('what was not checked', () => {
  it('has a section of its own: the reason, what it hides, the variants, and what it would take', () => {
    const section = page.slice(page.indexOf('id="unchecked"'), page.indexOf('id="score"'));
    expect(section).toContain('The driver offers no verb &#39;faults&#39;.');
    expect(section).toContain('Needs a shim that carries out the verb &#39;faults&#39;.');
    expect(section).toContain('href="#case-faults/nonzero-reserved"');
    expect(section).toContain('href="#requirement-iommu/driver/faults/drop-nonzero-reserved"');
  });

  it('is named beside the requirement', () => {
    const row = page.slice(page.indexOf('<tr id="requirement-iommu/driver/faults/drop-nonzero-reserved"'));
    expect(row.slice(0, row.indexOf('</tr>'))).toContain('<a href="#case-faults/nonzero-reserved">');
  });
});

it('tells at the top, and in the variant, what the kernel reported of itself', () => {
  const driverLog = 'UBSAN: <b>bad</b> in a.c:1:2\n viommu_map_pages+0x3a/0x90 [virtio_iommu]\n---[ end trace ]---\n';
  const source = htmlReport.render(runOf([fixtureCase('a/b', { driverLog, verdict: 'warn' })]));
  const report = 'UBSAN: &lt;b&gt;bad&lt;/b&gt; in a.c:1:2, in the driver (viommu_map_pages [virtio_iommu])';
  expect(source.split(report)).toHaveLength(3);
  expect(source).toContain('The kernel reported 1 trouble of its own');
  expect(source).toContain('<h5>Reports of the kernel</h5>');
});
