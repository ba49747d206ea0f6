/** The requirements of a revision, each with whether the catalogue judges it: what pages on the catalogue show. */
import { REQUIREMENTS } from '../../cases/requirements/index.ts';
import type { CoveredRequirement } from '../../reports/record/self-test.ts';
import { judgedRequirements } from '../runner/catalogue-facts.ts';
import { belongsTo, type Revision } from '../scoring/requirement-set.ts';
import { provenCatalogue } from './sound-catalogue.ts';

/** In the order of the tables. */
export function coveredRequirements(revision: Revision): CoveredRequirement[] {
  const { cases, monitors } = provenCatalogue();
  const judged = judgedRequirements(cases, monitors);
  return REQUIREMENTS.filter((row) => belongsTo(row, revision)).map(
    ({ id, keyword, origin, section, source, says, notTestable }) => ({
      id,
      keyword,
      source: origin,
      section,
      ...(source !== undefined && { reference: source }),
      says,
      coverage: notTestable === undefined ? (judged.has(id) ? 'judged' : 'missing') : 'not-testable',
      ...(notTestable !== undefined && { reason: notTestable }),
    }),
  );
}
