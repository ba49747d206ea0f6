import type { RunRecord } from '../record/model.ts';
import { casesByOutcome, incompleteness } from '../run-view.ts';

export interface NextStep {
  /** A sentence. */
  readonly says: string;
  /** The commands that do it, in order. */
  readonly commands: readonly string[];
}

/** What to do now: the most urgent thing that the run calls for. */
export function nextStep(run: RunRecord): NextStep {
  const groups = casesByOutcome(run);
  const commandsFor = (outcome: 'error' | 'fail' | 'warn'): readonly string[] => {
    const first = groups.get(outcome)?.[0];
    if (!first?.judgement) return [];
    return [first.judgement.repeat, `npx viommuspec explain ${first.started.case}`];
  };
  const [error] = commandsFor('error');
  if (error !== undefined) {
    return { says: 'the harness is at fault here, not the driver. Repeat the case, and report it.', commands: [error] };
  }
  const fail = commandsFor('fail');
  if (fail.length > 0) return { says: 'repeat the first failure, and read what is demanded.', commands: fail };
  if (incompleteness(run) !== undefined) return { says: 'run it to its end.', commands: [run.header.command] };
  if (run.footer && run.footer.surprises.length > 0) {
    return { says: 'correct the list of expected failures.', commands: [] };
  }
  if (run.footer && run.footer.exitCode !== 0) {
    return { says: 'nothing was exercised; choose cases that this driver can play.', commands: [] };
  }
  const warn = commandsFor('warn');
  if (warn.length > 0) return { says: 'look at the first warning, and read what is advised.', commands: warn };
  if ((groups.get('untested') ?? []).length > 0) {
    return { says: 'give the driver what the untested cases miss.', commands: [] };
  }
  return { says: 'keep this run in CI, so that it stays so.', commands: [] };
}
