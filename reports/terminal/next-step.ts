import type { CaseRecord, RunRecord } from '../record/model.ts';
import { rootCauses } from '../root-causes.ts';
import { casesByOutcome, crashes, incompleteness, isIdle, type Outcome } from '../run-view.ts';
import { counted } from '../../reference-device/counted.ts';

export interface NextStep {
  /** A sentence. */
  readonly says: string;
  /** The commands that do it, in order. */
  readonly commands: readonly string[];
}

/** What to do now: the most urgent thing that the run calls for. */
export function nextStep(run: RunRecord): NextStep {
  const groups = casesByOutcome(run);
  const of = (outcome: Outcome): readonly CaseRecord[] => groups.get(outcome) ?? [];
  const [error] = repeatAndExplain(of('error'));
  if (error !== undefined) {
    return { says: 'the harness is at fault here, not the driver. Repeat the case, and report it.', commands: [error] };
  }
  const [unexpected] = rootCauses(run).filter(
    ({ findings: [{ verdict }], isExpected }) => verdict === 'fail' && !isExpected,
  );
  const fail = repeatAndExplain(unexpected ? [unexpected.first] : of('fail'));
  if (fail.length > 0) return { says: 'repeat the first cause, and read what is demanded.', commands: fail };
  return ofTheRun(run) ?? ofGoodRun(run, of);
}

/** What the run as a whole calls for, whatever its variants say. */
function ofTheRun(run: RunRecord): NextStep | undefined {
  const { footer, header } = run;
  if (footer?.stopped !== undefined) {
    return { says: 'put right what stopped the run, and start it again.', commands: [`npx ${header.command}`] };
  }
  if (incompleteness(run) !== undefined) return { says: 'run it to its end.', commands: [`npx ${header.command}`] };
  if (isIdle(run)) {
    return {
      says: 'choose cases that the driver can be taken through; doctor says what it lacks for the others.',
      commands: [],
    };
  }
  if (footer && footer.surprises.length > 0) return { says: 'correct the list of expected failures.', commands: [] };
  return undefined;
}

/** A run that is as expected may still be of a driver that breaks something, or be a part of the whole only. */
function ofGoodRun(run: RunRecord, of: (outcome: Outcome) => readonly CaseRecord[]): NextStep {
  const { header } = run;
  const expected = of('expected');
  const crashed = expected.filter(crashes);
  if (crashed.length > 0) {
    const says = `the driver crashes or hangs in ${counted(crashed.length, 'variant')}, as expected. Repeat the first one:`;
    return { says, commands: repeatAndExplain(crashed) };
  }
  const warn = repeatAndExplain(of('warn'));
  if (warn.length > 0) return { says: 'look at the first warning, and read what is advised.', commands: warn };
  if (of('untested').length > 0) return { says: 'give the driver what the untested variants miss.', commands: [] };
  if (header.shard !== undefined) {
    return { says: 'put the logs of all shards together, with merge.', commands: [] };
  }
  if (run.cases.some(isStory)) return { says: 'explore for longer, or with another --seed.', commands: [] };
  if (run.cases.length < header.catalogue.variants) {
    return { says: 'run the whole catalogue.', commands: [`npx ${ofEverything(header.command)}`] };
  }
  if (expected.length > 0) {
    return {
      says: `repair what fails as expected (${counted(expected.length, 'variant')}), or keep this run in CI, which tells of any other failure.`,
      commands: [],
    };
  }
  return { says: 'add this run to CI.', commands: [] };
}

/** The commands that repeat the first of `cases` and explain it; none if it was not judged. */
function repeatAndExplain([first]: readonly CaseRecord[]): readonly string[] {
  if (!first?.judgement) return [];
  const [finding] = first.judgement.findings;
  const subject = isStory(first) ? finding?.requirement : first.started.case;
  return [first.judgement.repeat, ...(subject === undefined ? [] : [`npx viommuspec explain ${subject}`])];
}

/** Whether it is a story that was drawn by lot, of which no catalogue knows. */
const isStory = ({ started }: CaseRecord): boolean => started.section === 'explore';

/** The command without what keeps it from all variants. As it stands in a log it quotes a glob, or needs no quotes. */
const ofEverything = (command: string): string => command.replaceAll(/ --case[ =]('[^']*'|\S+)| --quick(?!\S)/g, '');
