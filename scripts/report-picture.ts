/** Makes the README's picture of the report: a driver that confirms an unmap and does not send it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachePath } from '../harness/drivers/linux-guest/cache-folder.ts';
import { findChromium, launch } from './browser/chromium.ts';

const PICTURE = 'reports/html/report.png';
const CASE = 'dma/after-unmap:two-pages';
const RUN = ['dist/harness/cli/main.js', 'run', '--driver', 'sample', '--fault', 'unmap-never-sent', '--case', CASE];

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-picture-'));
const browser = await launch(await findChromium(cachePath(), (line) => console.error(line)));
try {
  // The run fails, which is what is to be seen.
  try {
    execFileSync('node', [...RUN, '--out', folder], { stdio: 'ignore' });
  } catch {}
  const page = await browser.newPage({ viewport: { width: 1100, height: 960 }, colorScheme: 'light' });
  await page.goto(`${pathToFileURL(join(folder, 'report.html')).href}#case-${CASE}`);
  await page.getByRole('slider').waitFor();
  await page.screenshot({ path: PICTURE });
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}
