import type { CaseJudged, Finding } from './model.ts';

/** The findings that are consequences of no other: what the driver breaks. */
export const rootsOf = (findings: readonly Finding[]): Finding[] =>
  findings.filter(({ follows }) => follows === undefined);

/** The findings that an earlier breach in the same trace explains. */
export const consequencesIn = ({ findings }: Pick<CaseJudged, 'findings'>): Finding[] =>
  findings.filter(({ follows }) => follows !== undefined);
