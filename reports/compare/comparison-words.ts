/** What every rendering of a comparison says in the same words. */
import type { RunRecord } from '../record/model.ts';
import type { CaseChange, CaseStanding, Change, Comparison, RequirementStanding } from '../comparison.ts';
import { counted } from '../../reference-device/counted.ts';
import { DENOMINATOR_NAMES, OUTCOME_WORDS, requirementSetName, SCORE_NAMES, SCORES } from '../run-view.ts';

export const CHANGE_WORDS: Readonly<Record<Change, string>> = {
  'new-failure': 'new failures',
  'new-warning': 'new warnings',
  'no-longer-exercised': 'no longer exercised',
  fixed: 'fixed',
  'newly-exercised': 'newly exercised',
  otherwise: 'changed otherwise',
};

export const caseStandingWords = (standing: CaseStanding): string =>
  standing === 'absent' ? 'not in the run' : OUTCOME_WORDS[standing];

export const REQUIREMENT_STANDING_WORDS: Readonly<Record<RequirementStanding, string>> = {
  broken: 'broken',
  held: 'held',
  'not-exercised': 'not exercised',
  'not-applicable': 'not applicable',
  absent: 'not in the set',
};

/** Variants that are named beside the first one. */
const NAMED_MAX = 5;

/** `linux 6.12, virtio 1.4` */
export function nameOfRun(run: RunRecord): string {
  const { driver } = run.header;
  const faults = driver.faults.length > 0 ? `, with faults ${driver.faults.join(', ')}` : '';
  return `${driver.name} ${driver.version}${faults}, ${requirementSetName(run)}`;
}

/** Of a group of changes, how many others there are, and the names of some. */
export function sameIn(others: readonly CaseChange[]): string {
  const names = others.slice(0, NAMED_MAX).map(({ id }) => id);
  return `the same in ${counted(others.length, 'more variant')}: ${names.join(', ')}${others.length > names.length ? ', …' : ''}`;
}

/** One sentence on the whole. */
export function conclusionOfComparison({ cases, requirements, sameCount }: Comparison): string {
  if (cases.length === 0 && requirements.length === 0) return `Nothing changed in ${counted(sameCount, 'variant')}.`;
  const kinds = (['new-failure', 'fixed'] as const).map(
    (change) => `${cases.filter((it) => it.change === change).length} ${CHANGE_WORDS[change]}`,
  );
  return `${counted(cases.length, 'variant')} changed, ${sameCount} did not: ${kinds.join(', ')}.`;
}

/** Each score with its four numbers, before and after; undefined where a run has no score. */
export function scoreRows({ before, after }: Comparison): readonly (readonly string[])[] {
  return SCORES.map((name) => [
    SCORE_NAMES[name],
    ...DENOMINATOR_NAMES.map((part) => {
      const was = before.footer?.scores[name][part] ?? '?';
      const is = after.footer?.scores[name][part] ?? '?';
      return was === is ? String(is) : `${was} → ${is}`;
    }),
  ]);
}
