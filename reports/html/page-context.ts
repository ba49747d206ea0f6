import type { RequirementRow, RunRecord } from '../../harness/results/model.ts';
import { requirementsById } from '../run-view.ts';
import { anchorsFor } from './anchors.ts';

/** How much of each case the page shows. Lengths in characters. */
export interface Detail {
  /** Rows of a trace, for cases that call for attention and for those that do not. */
  readonly rows: { readonly loud: number; readonly quiet: number };
  readonly driverLog: { readonly loud: number; readonly quiet: number };
}

/** What every section of the page needs. */
export interface PageContext {
  readonly run: RunRecord;
  readonly detail: Detail;
  readonly requirements: ReadonlyMap<string, RequirementRow>;
  readonly caseAnchors: ReadonlyMap<string, string>;
  readonly requirementAnchors: ReadonlyMap<string, string>;
}

export function pageContext(run: RunRecord, detail: Detail): PageContext {
  return {
    run,
    detail,
    requirements: requirementsById(run),
    caseAnchors: anchorsFor(
      'case',
      run.cases.map(({ started: { id } }) => id),
    ),
    requirementAnchors: anchorsFor(
      'requirement',
      run.header.requirements.map(({ id }) => id),
    ),
  };
}
