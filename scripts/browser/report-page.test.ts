/** The HTML report in a real browser. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunRecord } from '../../reports/record/model.ts';
import { hostileRun } from '../../reports/fixtures/hostile-run.ts';
import { cutRun, syntheticRun } from '../../reports/fixtures/synthetic-run.ts';
import { fixtureSelfTest } from '../../reports/fixtures/self-test.ts';
import { htmlPage } from '../../reports/html/html-report.ts';
import { coveragePage, selfTestPage } from '../../reports/html/selftest/self-test-page.ts';
import { scoreboardHtml } from '../../reports/scoreboard/scoreboard-html.ts';
import { scoreboardOf } from '../../reports/scoreboard/scoreboard.ts';
import { needs, toolProgram } from '../test-tools/needs.ts';
import { launch } from './chromium.ts';
import { ReportShelf } from './report-page.ts';

const TIMEOUT_MS = 300_000;
const PHONE = { viewport: { width: 390, height: 844 } };

let shelf: ReportShelf;
let address = '';

beforeAll(async () => {
  shelf = new ReportShelf(await launch(toolProgram('chromium')));
  address = shelf.put('report.html', htmlPage([syntheticRun()]));
}, TIMEOUT_MS);

afterAll(() => shelf.close());

const open = (fragment = '', options: Parameters<ReportShelf['open']>[1] = {}): Promise<Page> =>
  shelf.open(address + fragment, options);

/** Names of the cases that the filter leaves, also those within a closed frame. */
const shownCases = async (page: Page): Promise<string[]> => {
  const ids = await page
    .locator('details.case:not([hidden])')
    .evaluateAll((items) => items.map(({ id }) => String(id)));
  return ids.map((id) => id.replace(/^case-/, ''));
};

describe('the filter', needs('chromium'), () => {
  test('narrows the cases by words, verdict, topic and feature, and says how many are left', async () => {
    const page = await open();
    await page.locator('[name=text]').fill('END-above equal');
    expect(await shownCases(page)).toEqual(['map/end-above-start:equal']);
    expect(await page.locator('#filter output').textContent()).toBe('1 of 9 variants');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('checkbox', { name: 'passed' }).uncheck();
    expect(await shownCases(page)).not.toContain('map/exact-range:4k');
    await page.locator('[name=topic]').selectOption('map');
    expect(await shownCases(page)).toEqual(['map/many-rounds', 'map/end-above-start:equal']);
    await page.locator('[name=feature]').selectOption('PROBE');
    expect(await shownCases(page)).toHaveLength(2);
  });

  test('is in the address, so that another reader sees the same', async () => {
    const page = await open();
    await page.locator('[name=section]').selectOption('5.13.6.6.1');
    await page.getByRole('checkbox', { name: 'passed' }).uncheck();
    const other = await shelf.open(page.url());
    expect(await shownCases(other)).toEqual(['unmap/covers-a-mapping']);
    expect(await other.getByRole('checkbox', { name: 'passed' }).isChecked()).toBe(false);
  });

  test('says so if nothing is left, and gives way to a link to what it hides', async () => {
    const page = await open('#cases?text=no+such+words');
    await page.getByText('No case matches the filter.').waitFor();
    await page.goto(`${address}#case-map/exact-range:64k`);
    expect(await shownCases(page)).toEqual(['map/exact-range:64k']);
    await page.locator('[id="case-map/exact-range:64k"] > .body').waitFor({ state: 'visible' });
  });

  test('finds a variant by its full name, and the frame of its case says how many are left', async () => {
    const page = await open('#cases?text=exact-range:64k');
    expect(await shownCases(page)).toEqual(['map/exact-range:64k']);
    expect(await page.locator('.family .tally').first().textContent()).toBe('1 of 2 variants');
    expect(await page.locator('.family:visible').count()).toBe(1);
  });
});

describe('a link', needs('chromium'), () => {
  test('to a case opens it', async () => {
    const page = await open('#case-map/exact-range:4k');
    await page.locator('[id="case-map/exact-range:4k"] .body').waitFor({ state: 'visible' });
  });

  test('from a finding leads to the message that proves it', async () => {
    const page = await open();
    await page.locator('.cause > summary').first().click();
    await page.locator('.cause a', { hasText: 'event 29' }).click();
    const row = page.locator('tr.offending.fail', { hasText: 'virt_end' }).first();
    expect((await row.boundingBox())?.y).toBeLessThan(900);
  });
});

test('a button copies the command that repeats a case', needs('chromium'), async () => {
  const page = await open('', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.locator('.cause > summary').first().click();
  const command = page.locator('.cause .command').first();
  await command.getByRole('button', { name: 'copy' }).click();
  await command.getByRole('button', { name: 'copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    'viommuspec run --driver linux --seed 42 --case map/end-above-start:equal',
  );
});

describe('a failing case', needs('chromium'), () => {
  test('has its messages in lanes, with the bytes of the offending one field by field', async () => {
    const page = await open('#case-map/end-above-start:equal');
    const diagram = page.locator('[id="case-map/end-above-start:equal"] table.trace');
    expect(await diagram.locator('.lanes span').allTextContents()).toEqual([
      'harness',
      'driver',
      'iommu',
      'dma',
      'memory',
    ]);
    const offending = diagram.locator('tr.offending.fail');
    await offending.getByText('virt_end', { exact: true }).waitFor();
    await offending.getByText('✗ MUST broken:').waitFor();
  });

  test('has everything drawn where another is opened, from the log that the page carries', async () => {
    const page = await open();
    const variant = page.locator('[id="case-map/exact-range:64k"]');
    expect(await variant.locator('table.trace').count()).toBe(0);
    await page.goto(`${address}#case-map/exact-range:64k.event-29`);
    await variant.locator('table.trace').waitFor({ state: 'visible' });
    const row = page.locator('[id="case-map/exact-range:64k.event-29"]');
    expect((await row.boundingBox())?.y).toBeLessThan(900);
    await row.getByText('MAP domain 1').first().waitFor();
    await variant.locator('figure').scrollIntoViewIfNeeded();
    await variant.getByRole('slider', { name: 'Moment' }).waitFor();
  });

  test('has a box that leaves the messages with its words, and keys that go to the evidence', async () => {
    const page = await open('#case-map/end-above-start:equal');
    const variant = page.locator('[id="case-map/end-above-start:equal"]');
    const box = variant.getByRole('searchbox', { name: 'Filter the messages' });
    await box.fill('map ANSWERED');
    await expect.poll(() => variant.locator('.tools output').textContent()).toMatch(/^[1-5] of \d+ rows$/);
    await box.fill('');
    await variant.locator('table.trace').scrollIntoViewIfNeeded();
    await box.blur();
    await page.keyboard.press('n');
    expect(await page.evaluate('document.activeElement.className')).toContain('offending');
  });

  test('leads from a request to its answer', async () => {
    const page = await open('#case-map/end-above-start:equal');
    const row = page.locator('[id="case-map/end-above-start:equal.event-29"]');
    await row.locator('.related a').first().click();
    expect(page.url()).toContain('event-30');
    await page.locator('tr:target').waitFor();
  });

  test('of many events is drawn whole', async () => {
    const page = await open('#case-map/many-rounds');
    const rows = page.locator('[id="case-map/many-rounds"] tr[id]');
    await expect.poll(() => rows.count()).toBeGreaterThan(300);
    expect(await page.locator('[id="case-map/many-rounds"] .cut').count()).toBe(0);
  });

  test('has a cursor over its picture, which tells what held at each moment', async () => {
    const page = await open('#case-map/end-above-start:equal');
    const figure = page.locator('[id="case-map/end-above-start:equal"] figure');
    await figure.scrollIntoViewIfNeeded();
    const slider = figure.getByRole('slider', { name: 'Moment' });
    await slider.waitFor();
    expect(await figure.locator('.state').textContent()).toContain('event 29');
    expect(await figure.locator('.state').textContent()).toContain('3 fetched, 2 used');
    const before = await slider.inputValue();
    await slider.press('ArrowRight');
    expect(Number(await slider.inputValue())).toBe(Number(before) + 1);
    await slider.press('End');
    expect(await figure.locator('.state').textContent()).toContain('event 47');
    await figure.locator('svg').click({ position: { x: 300, y: 10 } });
    expect(await figure.locator('.state').textContent()).toContain('running');
  });
});

test('everything can be read with scripts off', needs('chromium'), async () => {
  const page = await open('', { javaScriptEnabled: false });
  expect(await page.locator('#filter').isVisible()).toBe(false);
  await page.locator('.case[open] figure.timeline svg').first().waitFor({ state: 'visible' });
  await page.locator('.case[open] tr.offending.fail').first().waitFor({ state: 'visible' });
  await page.locator('.family', { hasText: 'map/exact-range' }).locator('> summary').click();
  await page.locator('[id="case-map/exact-range:4k"] > summary').click();
  await page.locator('[id="case-map/exact-range:4k"] pre.command').waitFor({ state: 'visible' });
  await page.locator('.cause > summary').first().click();
  await page.locator('.cause .fields').first().waitFor({ state: 'visible' });
});

test('nothing is asked of anybody, and nothing that a driver said runs', needs('chromium'), async () => {
  const page = await open();
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url()));
  page.on('dialog', (dialog) => seen.push(dialog.message()));
  page.on('pageerror', (error) => seen.push(error.message));
  const hostile = shelf.put('hostile.html', htmlPage([hostileRun()]));
  await page.goto(hostile);
  await page.getByText('Show all').waitFor();
  expect(seen).toEqual([hostile]);
});

/** Every outcome, without the long trace, which is more of the same and takes axe half a minute. */
const short = ({ cases, ...run }: RunRecord): RunRecord => ({
  ...run,
  cases: cases.map((record) => ({ ...record, trace: record.trace.slice(0, 60) })),
});
const runs = [short(syntheticRun()), short(cutRun())];
const windows = {
  'light and wide': { colorScheme: 'light' },
  'dark on a phone': { colorScheme: 'dark', ...PHONE },
} as const;

const board = scoreboardOf([syntheticRun(), cutRun()]);
const pages = {
  'the report of a run': htmlPage(runs.slice(0, 1), { selfTest: fixtureSelfTest }),
  'the report of two runs': htmlPage(runs, { baseline: cutRun() }),
  'the scoreboard': scoreboardHtml(board),
  'the self-test': selfTestPage(fixtureSelfTest),
  'the coverage': coveragePage(fixtureSelfTest),
};

describe.each(Object.entries(windows))('%s', needs('chromium'), (_name, options) => {
  test.each(Object.entries(pages))('axe finds nothing wrong in %s', { timeout: TIMEOUT_MS }, async (name, source) => {
    const page = await shelf.open(shelf.put(`${name}.html`, source), options);
    await page.evaluate(`for (const item of document.querySelectorAll('details')) item.open = true`);
    await page.evaluate(axe.source);
    const violations = await page.evaluate<AxeViolation[]>('axe.run().then(({ violations }) => violations)');
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
  });

  test.each(Object.entries(pages))('nothing of %s sticks out at the side', async (name, source) => {
    const page = await shelf.open(shelf.put(`${name}.html`, source), options);
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  });
});

interface AxeViolation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}
