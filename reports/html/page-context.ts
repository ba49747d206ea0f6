import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import type { SelfTest } from '../record/self-test.ts';
import { clipped, oneLine } from '../printable.ts';
import { mistakesByRequirement, type PlantedMistake } from './selftest/fault-matrix.ts';
import { type RootCause, rootCauses } from '../root-causes.ts';
import { bySentence, requirementsById, wentWrong } from '../run-view.ts';
import { anchorsFor } from './anchors.ts';
import { type RequirementView, requirementViews } from './requirement-states.ts';

/** One driver's run, and where its cases are on the page. */
export interface RunContext {
  readonly run: RunRecord;
  /** `linux 6.12`; unlike that of any other run on the page. */
  readonly name: string;
  readonly caseAnchors: ReadonlyMap<string, string>;
  /** By requirement. */
  readonly views: ReadonlyMap<string, RequirementView>;
  /** What the driver breaks. */
  readonly causes: readonly RootCause[];
  /** Variants whose course is drawn into the page: the first of each cause, and of what else went wrong. */
  readonly drawn: ReadonlySet<CaseRecord>;
  /** Where each variant stands in the run, from 0 on. */
  readonly places: ReadonlyMap<CaseRecord, number>;
}

/** Variants whose course is drawn into the page itself. */
const DRAWN_MAX = 20;

/** What every section of the page needs. */
export interface PageContext {
  /** One, or several side by side. */
  readonly runs: readonly RunContext[];
  /** Those of all runs. */
  readonly requirements: ReadonlyMap<string, RequirementRow>;
  readonly requirementAnchors: ReadonlyMap<string, string>;
  readonly sectionAnchors: ReadonlyMap<string, string>;
  /** An older run that the first one is compared with. */
  readonly baseline?: RunRecord | undefined;
  readonly selfTest?: SelfTest | undefined;
  /** Planted mistakes of the self-test by the requirement that they break. */
  readonly mistakes: ReadonlyMap<string, readonly PlantedMistake[]>;
}

const NAME_MAX = 60;

type Given = Pick<PageContext, 'baseline' | 'selfTest'>;

/** At least one run. */
export function pageContext(runs: readonly RunRecord[], given: Given): PageContext {
  const requirements = new Map(runs.flatMap((run) => [...requirementsById(run)]));
  const names = namesOf(runs);
  return {
    runs: runs.map((run, index) => ({
      ...causesOf(run),
      places: new Map(run.cases.map((record, place) => [record, place])),
      run,
      name: names[index] ?? '',
      caseAnchors: anchorsFor(
        runs.length === 1 ? 'case' : `case${index + 1}`,
        run.cases.map(({ started: { id } }) => id),
      ),
      views: new Map(requirementViews(run).map((view) => [view.row.id, view])),
    })),
    ...given,
    mistakes: given.selfTest ? mistakesByRequirement(given.selfTest) : new Map(),
    requirements,
    requirementAnchors: anchorsFor('requirement', requirements.keys()),
    sectionAnchors: anchorsFor(
      'section',
      [...requirements.values()].map(({ source, section }) => `${source}-${section}`),
    ),
  };
}

function causesOf(run: RunRecord): Pick<RunContext, 'causes' | 'drawn'> {
  const causes = rootCauses(run);
  const wrong = bySentence(wentWrong(run)).map(({ records: [first] }) => first);
  return { causes, drawn: new Set([...causes.map(({ first }) => first), ...wrong].slice(0, DRAWN_MAX)) };
}

/** The driver's name and version, and its faults; numbered where two runs have the same. */
function namesOf(runs: readonly RunRecord[]): string[] {
  const names = runs.map(({ header: { driver } }) => {
    const faults = driver.faults.length > 0 ? `, with ${driver.faults.join(', ')}` : '';
    return clipped(oneLine(`${driver.name} ${driver.version}${faults}`), NAME_MAX);
  });
  return names.map((name, index) =>
    names.filter((other) => other === name).length > 1 ? `${name} (${index + 1})` : name,
  );
}
