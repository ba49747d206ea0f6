/** A report as its reader has it: a file that is opened in a browser. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A folder with reports, and the pages opened from it. */
export class ReportShelf {
  readonly #browser: Browser;
  readonly #folder = mkdtempSync(join(tmpdir(), 'viommuspec-pages-'));

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  /** Puts a report down; gives its address. */
  put(name: string, source: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, source);
    return pathToFileURL(path).href;
  }

  /** Opens an address in a window of its own. */
  async open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    await page.goto(address);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
