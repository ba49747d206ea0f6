/** Scores of a run: requirements held / exercised / applicable / declared, never blended. */
import type { CaseJudged, RequirementRow, Score, Scores } from '../../reports/record/model.ts';

/** Adds up what every case judged; a requirement is held if it was exercised and never found broken. `rows`: as the run leaves them. */
export function scoresOf(rows: readonly RequirementRow[], verdicts: readonly CaseJudged[]): Scores {
  const held = new Map<string, boolean>();
  for (const { judged } of verdicts) {
    for (const tally of judged) held.set(tally.requirement, (held.get(tally.requirement) ?? true) && tally.held);
  }
  const score = (belongs: (row: RequirementRow) => boolean): Score => {
    const declared = rows.filter(belongs);
    const applicable = declared.filter((row) => row.applicable);
    const exercised = applicable.filter((row) => held.has(row.id));
    return {
      held: exercised.filter((row) => held.get(row.id)).length,
      exercised: exercised.length,
      applicable: applicable.length,
      declared: declared.length,
    };
  };
  return {
    must: score((row) => row.source === 'virtio' && row.keyword.startsWith('MUST')),
    should: score((row) => row.source === 'virtio' && row.keyword.startsWith('SHOULD')),
    implied: score((row) => row.source === 'implied'),
  };
}
