/** `viommuspec judge`: what today's monitors would say of an old log. */
import { counted } from '../../reference-device/counted.ts';
import { clipped, oneLine } from '../../reports/printable.ts';
import { incompleteness } from '../../reports/run-view.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { rejudge, type RejudgedCase, type Rejudgement } from '../scoring/rejudge.ts';
import { readLog } from './given-log.ts';
import type { Given } from './options.ts';
import { soundCatalogue } from './sound-catalogue.ts';
import type { Terminal } from './terminal.ts';

/** Prints every variant that would be judged otherwise; 1 if there is one, 5 if there was nothing to judge. */
export function judgeCommand(given: Given, terminal: Terminal): ExitCode {
  const [path] = given.words;
  if (path === undefined) {
    throw new HarnessError('judge needs the log of a run, or its folder, such as viommuspec-report.', {
      exitCode: EXIT.usage,
    });
  }
  const { monitors } = soundCatalogue();
  const run = readLog(path);
  const result = rejudge(run, monitors);
  const incomplete = incompleteness(run);
  if (incomplete !== undefined) terminal.print(`INCOMPLETE. ${incomplete}\n`);
  terminal.print(judgeText(result, monitors.length));
  if (result.judgedCount === 0) return EXIT.nothingExercised;
  return result.changed.length > 0 ? EXIT.unexpected : EXIT.asExpected;
}

const TEXT_MAX = 400;
const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

function judgeText({ changed, judgedCount, unjudged }: Rejudgement, monitorCount: number): string {
  return [
    ...changed.map(caseText),
    ...reasons(unjudged).map(([says, count]) => `${counted(count, 'variant')} not judged again: ${text(says)}\n`),
    `${counted(judgedCount, 'trace')}, ${counted(monitorCount, 'monitor')}: ${conclusion(judgedCount, changed.length)}\n`,
  ].join('');
}

function conclusion(judgedCount: number, changedCount: number): string {
  if (judgedCount === 0) return 'there was nothing to judge.';
  if (changedCount === 0) return 'nothing would be judged otherwise.';
  return `${counted(changedCount, 'variant')} would be judged otherwise.`;
}

/** Each reason once, with how many variants it keeps from being judged. */
function reasons(unjudged: Rejudgement['unjudged']): [string, number][] {
  const counts = new Map<string, number>();
  for (const { says } of unjudged) counts.set(says, (counts.get(says) ?? 0) + 1);
  return [...counts];
}

function caseText({ id, before, after, found, gone }: RejudgedCase): string {
  const verdict = before === after ? before : `${before} → ${after}`;
  const line = (word: string, { keyword, requirement, by, says }: RejudgedCase['found'][number]): string =>
    `  ${word} ${keyword} ${text(requirement)}, ${text(by)}: ${text(says)}\n`;
  return [
    `${text(id)}: ${verdict}\n`,
    ...found.map((finding) => line('now found:', finding)),
    ...gone.map((finding) => line('no longer found:', finding)),
  ].join('');
}
