/** How long the report takes to filter 2,000 variants, layout included; the aim is 100 ms. */
import { largeRun } from '../../reports/fixtures/synthetic-run.ts';
import { htmlPage } from '../../reports/html/html-report.ts';
import { cachePath } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { findChromium, launch } from './chromium.ts';
import { ReportShelf } from './report-page.ts';

const VARIANTS = 2000;
const TEXTS = ['m', 'map', 'map/variant-1', 'map/variant-19:row-3', 'nothing', '', 'row-0', ''];

/** Runs in the page: milliseconds from a key to a page that is laid out again, for each text. */
const MEASURE = `${JSON.stringify(TEXTS)}.map((text) => {
  const field = document.querySelector('#filter [name=text]');
  field.value = text;
  const begin = performance.now();
  field.dispatchEvent(new Event('input', { bubbles: true }));
  document.body.getBoundingClientRect();
  return performance.now() - begin;
})`;

const shelf = new ReportShelf(await launch(await findChromium(cachePath(), (line) => console.error(line))));
try {
  const source = htmlPage([largeRun(VARIANTS)]);
  const page = await shelf.open(shelf.put('large.html', source));
  const times = await page.evaluate<number[]>(MEASURE);
  console.log(`${VARIANTS} variants, ${Buffer.byteLength(source)} bytes`);
  for (const [index, text] of TEXTS.entries()) {
    console.log(`${(times[index] ?? 0).toFixed(1).padStart(7)} ms  “${text}”`);
  }
} finally {
  await shelf.close();
}
