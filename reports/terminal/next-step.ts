import type { RunRecord } from '../../harness/results/model.ts';
import { casesByOutcome, incompleteness } from '../run-view.ts';

export interface NextStep {
  /** A sentence. */
  readonly says: string;
  /** The command that does it, if there is one. */
  readonly command?: string;
}

/** What to do now: the most urgent thing that the run calls for. */
export function nextStep(run: RunRecord): NextStep {
  const groups = casesByOutcome(run);
  const repeat = (outcome: 'error' | 'fail' | 'warn'): { command: string } | undefined => {
    const command = groups.get(outcome)?.[0]?.judgement?.repeat;
    return command === undefined ? undefined : { command };
  };
  const error = repeat('error');
  if (error) return { says: 'the harness is at fault here, not the driver. Repeat the case, and report it.', ...error };
  const fail = repeat('fail');
  if (fail) return { says: 'repeat the first failure.', ...fail };
  if (incompleteness(run) !== undefined) return { says: 'run it to its end.', command: run.header.command };
  if (run.footer && run.footer.surprises.length > 0) return { says: 'correct the list of expected failures.' };
  if (run.footer && run.footer.exitCode !== 0)
    return { says: 'nothing was exercised; choose cases that this driver can play.' };
  const warn = repeat('warn');
  if (warn) return { says: 'look at the first warning.', ...warn };
  if ((groups.get('untested') ?? []).length > 0) return { says: 'give the driver what the untested cases miss.' };
  return { says: 'keep this run in CI, so that it stays so.' };
}
