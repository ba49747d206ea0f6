/** `viommuspec compare`: what changed from one log to another. */
import { CHANGES, compareRuns, type Comparison } from '../../reports/comparison.ts';
import { comparisonHtml } from '../../reports/compare/comparison-html.ts';
import { comparisonMarkdown } from '../../reports/compare/comparison-markdown.ts';
import { comparisonText } from '../../reports/compare/comparison-text.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { readLog } from './given-log.ts';
import { notOneOf } from './closed-list.ts';
import type { Given } from './options.ts';
import { inFolder } from './output-folder.ts';
import type { Terminal } from './terminal.ts';

/** Prints the comparison, and writes it as pages where `--out` says so. */
export async function compareCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  const [before, after, ...more] = given.words;
  if (before === undefined || after === undefined || more.length > 0) {
    throw new HarnessError('compare needs two logs, the older one first.', { exitCode: EXIT.usage });
  }
  const failing = failingChanges(given);
  const comparison = compareRuns(readLog(before), readLog(after));
  terminal.print(comparisonText(comparison, { width: terminal.columns, colour: terminal.colour }));
  const out = given.text('out');
  if (out !== undefined) {
    const written = await inFolder(out, (folder) =>
      folder.write({
        'comparison.html': comparisonHtml(comparison),
        'comparison.md': comparisonMarkdown(comparison),
      }),
    );
    for (const path of written) terminal.note(path);
  }
  return exitCodeOf(comparison, failing);
}

/** The changes that `--fail-on` names; `nothing` is none. */
function failingChanges(given: Given): ReadonlySet<string> {
  const named = given.texts('fail-on');
  const known: readonly string[] = [...CHANGES, 'nothing'];
  const stranger = named.find((name) => !known.includes(name));
  if (stranger !== undefined) throw notOneOf('fail-on', stranger, known);
  return new Set(named.length === 0 ? ['new-failure'] : named);
}

/** What cannot be told of an incomplete run may be the worst of it, so that it is no success either. */
function exitCodeOf({ cases, requirements, gaps }: Comparison, failing: ReadonlySet<string>): ExitCode {
  if (failing.has('nothing')) return EXIT.asExpected;
  if (gaps.length > 0) return EXIT.incomplete;
  const changes = [...cases, ...requirements];
  return changes.some(({ change }) => failing.has(change)) ? EXIT.unexpected : EXIT.asExpected;
}
