/** Lists of expected failures as files: the one a run obeys, and the one it writes. */
import { existsSync, writeFileSync } from 'node:fs';
import { givenText } from '../given-file.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { packageFile } from '../package-files.ts';
import type { CaseJudged } from '../../reports/record/model.ts';
import { updatedExpectations } from '../scoring/expectation-update.ts';
import { type Expectation, parseExpectations, type RunFacts } from '../scoring/expectations.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';
import type { ChosenDriver } from './drivers.ts';
import type { Given } from './options.ts';

const OWN_LINUX_LIST = packageFile('harness/drivers/linux-guest/expected-failures.txt');

/** The list given with `--expect`, else the project's own for the stock kernels. */
export function expectationsFor(given: Given, chosen: ChosenDriver): readonly Expectation[] {
  const named = given.text('expect');
  const path = named ?? (chosen.kind === 'linux' ? OWN_LINUX_LIST : undefined);
  if (path === undefined) return [];
  return parseExpectations(readList(path), named ?? 'expected-failures.txt');
}

const LIST_BYTES_MOST = 2 ** 22;
const readList = (path: string): string => givenText(path, 'The list of expected failures', LIST_BYTES_MOST);

/** A list that a run is to update. */
export interface ListToUpdate {
  /** Writes the list anew; answers with a line that says what changed. */
  update(judged: readonly CaseJudged[], catalogue: readonly string[], run: RunFacts): string;
}

/** The list given with `--update-expectations`, read before the run, so that a mistake in it costs no run. */
export function listToUpdate(given: Given): ListToUpdate | undefined {
  const path = given.text('update-expectations');
  if (path === undefined) return undefined;
  const text = existsSync(path) ? readList(path) : '';
  parseExpectations(text, path);
  return {
    update(judged, catalogue, run) {
      const { text: updated, addedCount, droppedCount } = updatedExpectations(text, path, judged, catalogue, run);
      writeList(path, updated);
      return `${path}: ${addedCount} added, ${droppedCount} dropped.`;
    },
  };
}

function writeList(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new HarnessError(`The list of expected failures ${path} cannot be written: ${reasonOf(error)}.`, {
      exitCode: EXIT.usage,
      cause: error,
    });
  }
}
