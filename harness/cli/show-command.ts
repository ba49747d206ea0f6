/** `viommuspec show LOG CASE`: what happened in one variant, message by message. */
import { variantPage } from '../../reports/html/variant-page.ts';
import { variantText } from '../../reports/terminal/variant-text.ts';
import type { CaseRecord, RunRecord } from '../../reports/record/model.ts';
import { didYouMean } from '../../reports/words/nearest.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { readLog } from './given-log.ts';
import type { Given } from './options.ts';
import type { Terminal } from './terminal.ts';

/** Prints it as text, or as a page by itself. */
export function showCommand(given: Given, terminal: Terminal): ExitCode {
  const [log, id, ...more] = given.words;
  if (log === undefined || id === undefined || more.length > 0) {
    throw new HarnessError('show needs the log of a run, or its folder, and the id of a case or variant.', {
      exitCode: EXIT.usage,
    });
  }
  if (given.flag('html') && given.flag('text')) {
    throw new HarnessError('show takes --text or --html, not both.', { exitCode: EXIT.usage });
  }
  const run = readLog(log);
  const records = chosen(run, id);
  terminal.print(given.flag('html') ? variantPage(run, records) : variantText(run, records, terminal.columns));
  return EXIT.asExpected;
}

/** The variant, or all variants of the case. */
function chosen({ cases }: RunRecord, id: string): readonly [CaseRecord, ...CaseRecord[]] {
  const [first, ...others] = cases.filter(({ started }) => started.id === id || started.case === id);
  if (first) return [first, ...others];
  const names = cases.flatMap(({ started }) => [started.id, started.case]);
  const hint = didYouMean(id, [...new Set(names)]);
  throw new HarnessError(`The log has no case or variant '${id}'.`, {
    exitCode: EXIT.usage,
    ...(hint !== undefined && { hint }),
  });
}
