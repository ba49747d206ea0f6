/** Looks over a catalogue before it is used: what is wrong with a case is said with its file and field. */
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import { requirement } from '../../cases/requirements/index.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

export interface CatalogueFacts {
  readonly cases: readonly Case[];
  readonly monitors: readonly Monitor[];
  /** Names of the sample driver's faults. */
  readonly driverFaults: ReadonlySet<string>;
  /** The path of the file of the case with this id, whether it is there or not. */
  readonly fileOf: (id: string) => string;
  readonly hasFile: (id: string) => boolean;
}

/** So many complaints are shown at once. */
const COMPLAINTS_MAX = 10;

const WORD = '[a-z0-9]+(?:-[a-z0-9]+)*';
const CASE_ID = new RegExp(`^${WORD}/${WORD}$`);
const MONITOR_ID = new RegExp(`^${WORD}$`);
/** Variants may be named after things of the wire: `NOENT`, `MAP-answered-late`; one may have no name of its own. */
const VARIANT_NAME = /^(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*)?$/;

/** Folders below `cases/` that hold no cases. */
const OTHER_FOLDERS: readonly string[] = ['api', 'monitors', 'requirements'];

/** Whether `id` can be the id of a case: a folder and a name in lower-case words, `map/end-after-start`. */
export function isCaseId(id: string): boolean {
  return CASE_ID.test(id) && !OTHER_FOLDERS.includes(id.split('/')[0] ?? '');
}

/** Throws a `HarnessError` that names file and field of everything that is malformed. */
export function checkCatalogue(facts: CatalogueFacts): void {
  const ids = new Set<string>();
  const complaints = [
    ...facts.cases.flatMap((it) => {
      const isTwice = ids.has(it.id);
      ids.add(it.id);
      const path = facts.fileOf(it.id);
      return [
        ...complaintsOfId(it.id, isTwice, facts),
        ...[...complaintsOfWords(it), ...complaintsOfCase(it), ...complaintsOfJudge(it, facts)].map(
          ([field, says]) => `${path}, ${field}: ${says}`,
        ),
      ];
    }),
    ...facts.monitors.flatMap((it) =>
      [
        ...(MONITOR_ID.test(it.id) ? [] : [['id', `'${it.id}' is not made of lower-case words.`] as const]),
        ...complaintsOfWords(it),
        ...complaintsOfJudge(it, facts),
      ].map(([field, says]) => `cases/monitors/${it.id}.monitor.ts, ${field}: ${says}`),
    ),
  ];
  if (complaints.length === 0) return;
  const shown = complaints.slice(0, COMPLAINTS_MAX);
  const more = complaints.length - shown.length;
  throw new HarnessError([...shown, ...(more > 0 ? [`and ${more} more.`] : [])].join('\n  '), {
    exitCode: EXIT.usage,
    hint: 'cases/WRITING.md shows a case step by step.',
  });
}

/** A field, and what is wrong with it. */
type Complaint = readonly [field: string, says: string];

/** An id that is wrong does not say where its file lies, so the sentence has to. */
function complaintsOfId(id: string, isTwice: boolean, { fileOf, hasFile }: CatalogueFacts): string[] {
  const where = `${fileOf(id)}, id:`;
  if (!isCaseId(id)) return [`${where} '${id}' is not a folder and a name in lower-case words, such as map/read-only.`];
  if (isTwice) return [`${where} two case files have the id '${id}'; each has that of its own path.`];
  if (!hasFile(id)) return [`${where} a case has the id '${id}', and there is no such file; an id is its file's path.`];
  return [];
}

function complaintsOfWords({ title }: Pick<Case, 'title'>): Complaint[] {
  if (title.trim().split(/\s+/).length < 3)
    return [['title', `'${title}' is no sentence that says what a good driver does.`]];
  return title.endsWith('.') ? [['title', `'${title}' ends in a full stop; reports add their own.`]] : [];
}

function complaintsOfCase({ demands, variants, control }: Case): Complaint[] {
  const names = variants.map(({ name }) => name);
  const isRow = control === undefined || control === 'none' || names.includes(control);
  return [
    ...(/[.!?]$/.test(demands.trim()) ? [] : [['demands', `'${demands}' is not made of whole sentences.`] as const]),
    ...(names.length > 0 ? [] : [['vary', 'it has no row, so there is nothing to run.'] as const]),
    ...(isRow ? [] : [['control', `'${control}' is neither a row of vary nor none.`] as const]),
    ...names
      .filter((name) => !VARIANT_NAME.test(name))
      .map((name) => ['vary', `'${name}' is not made of words joined by hyphens.`] as const),
  ];
}

function complaintsOfJudge(
  { requirements, mustCatch, draft = false }: Pick<Case, 'requirements' | 'mustCatch'> & Partial<Pick<Case, 'draft'>>,
  { driverFaults }: CatalogueFacts,
): Complaint[] {
  const catches = Object.entries(mustCatch);
  const known: readonly string[] = requirements;
  return [
    ...(known.length > 0 ? [] : [['requirements', 'it names none, so there is nothing to judge.'] as const]),
    ...known.flatMap((id) => complaintsOfRequirement(id)),
    ...(catches.length > 0 || draft
      ? []
      : [['mustCatch', 'it names no fault; a check that was never seen to fail does not count.'] as const]),
    ...catches.flatMap(([fault, broken]): Complaint[] => [
      ...(driverFaults.has(fault) ? [] : [['mustCatch', `the sample driver has no fault '${fault}'.`] as const]),
      ...broken
        .filter((id) => !known.includes(id))
        .map((id) => ['mustCatch', `'${id}' is not among its requirements.`] as const),
    ]),
  ];
}

function complaintsOfRequirement(id: string): Complaint[] {
  const row = requirement(id);
  if (!row) return [['requirements', `'${id}' stands in no table of requirements.`]];
  if (row.notTestable === undefined) return [];
  return [['requirements', `'${id}' cannot be judged from outside: ${row.notTestable}`]];
}
