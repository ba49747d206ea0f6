/** `viommuspec report <log>...`: renders the reports of old runs again. */
import { dirname } from 'node:path';
import { type Beside, htmlPage, htmlReport } from '../../reports/html/html-report.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import { readSelfTest } from '../../reports/record/self-test.ts';
import { logAt, readLog } from './given-log.ts';
import { formatsOf, kcidbOf } from './option-values.ts';
import type { Given } from './options.ts';
import { DEFAULT_FOLDER, inFolder } from './output-folder.ts';
import { previousRun } from './previous-run.ts';
import { showRun } from './show-run.ts';
import type { Terminal } from './terminal.ts';

/**
 * One log: writes the reports beside it, or to `--out`, and answers with the run's own exit code. Several: writes one
 * HTML report of all of them; a page about runs is no judgement of them, so that it answers 0.
 */
export async function reportCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const [path, ...more] = given.words;
  if (path === undefined) {
    throw new HarnessError('report needs the log of a run, or its folder, such as viommuspec-report.', {
      exitCode: EXIT.usage,
    });
  }
  const formats = formatsOf(given);
  const kcidb = kcidbOf(given);
  const read = readLog(path);
  const record = { ...read, header: { ...read.header, ...kcidb } };
  const beside = besideOf(given);
  if (more.length > 0) return showRuns([record, ...more.map(readLog)], beside, { given, terminal });
  const { baseline = previousRun(dirname(logAt(path)), record.header), selfTest } = beside;
  const page = { ...(baseline && { baseline }), ...(selfTest && { selfTest }) };
  const instead = selfTest && formats.includes('html') ? { [htmlReport.fileName]: htmlPage([record], page) } : {};
  return inFolder(given.text('out') ?? dirname(logAt(path)), (folder) =>
    showRun(record, { folder, formats, instead, baseline }, terminal),
  );
}

/** What the page shows beside the runs. */
function besideOf(given: Given): Beside {
  const [baseline, selfTest] = [given.text('baseline'), given.text('selftest')];
  return {
    ...(baseline !== undefined && { baseline: readLog(baseline) }),
    ...(selfTest !== undefined && { selfTest: readSelfTest(selfTest) }),
  };
}

async function showRuns(
  runs: readonly RunRecord[],
  beside: Beside,
  { given, terminal }: { readonly given: Given; readonly terminal: Terminal },
): Promise<ExitCode> {
  if (given.texts('format').length > 0) {
    throw new HarnessError('--format is for one log; several give one HTML report.', { exitCode: EXIT.usage });
  }
  const instead = { [htmlReport.fileName]: htmlPage(runs, beside) };
  const written = await inFolder(given.text('out') ?? DEFAULT_FOLDER, (folder) => folder.write(instead));
  terminal.print(written.map((path) => `${path}\n`).join(''));
  return EXIT.asExpected;
}
