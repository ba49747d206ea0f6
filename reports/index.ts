import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunRecord } from '../harness/results/model.ts';
import { htmlReport } from './html/html-report.ts';
import { junitReport } from './junit/junit-report.ts';
import type { Reporter } from './reporter.ts';
import { tapReport } from './tap/tap-report.ts';

const REPORTERS: readonly Reporter[] = [htmlReport, junitReport, tapReport];

/**
 * Writes `report.html`, `junit.xml` and `results.tap` into `directory`, which is made if it is not there. A reader
 * never meets half a file. Returns the paths written. Throws what the file system throws.
 */
export function writeReports(run: RunRecord, directory: string): string[] {
  mkdirSync(directory, { recursive: true });
  return REPORTERS.map((reporter) => {
    const path = join(directory, reporter.fileName);
    writeWhole(path, reporter.render(run));
    return path;
  });
}

/** Beside the target, so that the rename stays within one file system. */
function writeWhole(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
