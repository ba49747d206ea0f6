/** What makes a mutant caught. */
import type { RunRecord } from '../../reports/record/model.ts';

/** A finding as far as two runs can share it. */
export interface Killer {
  readonly variant: string;
  readonly requirement: string;
  readonly verdict: 'fail' | 'warn';
}

const nameOf = ({ variant, requirement, verdict }: Killer): string => `${variant} ${requirement} ${verdict}`;

/** Every finding of a run. */
export const findingsOf = (run: RunRecord): Killer[] =>
  run.cases.flatMap(({ started, judgement }) =>
    (judgement?.findings ?? []).map(({ requirement, verdict }) => ({ variant: started.id, requirement, verdict })),
  );

/** What `mutant` breaks and the unchanged driver does not; what breaks a MUST comes first. */
export function killersOf(mutant: RunRecord, unchanged: RunRecord): Killer[] {
  const known = new Set(findingsOf(unchanged).map(nameOf));
  const killers = findingsOf(mutant).filter((finding) => !known.has(nameOf(finding)));
  return killers.toSorted((a, b) => Number(a.verdict === 'warn') - Number(b.verdict === 'warn'));
}
