/** The text at the end of a run: what failed first, the score last, so that both are on the screen. */
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { kernelTroubles, reportText } from '../kernel-troubles.ts';
import { clipped, oneLine } from '../printable.ts';
import { endpointDrivers } from '../endpoint-drivers.ts';
import { evidenceLine } from '../evidence.ts';
import { headlineOf, headlineText } from '../headline.ts';
import { hiddenWords, notChecked } from '../not-checked.ts';
import { type RootCause, rootCauses, variantsOf } from '../root-causes.ts';
import {
  bySentence,
  casesByOutcome,
  citation,
  conclusionOf,
  duration,
  incompleteness,
  neverStarted,
  type Outcome,
  OUTCOME_WORDS,
  outcomeOf,
  OUTCOMES,
  placeOf,
  requirementsById,
  requirementSetName,
  sentenceOf,
  wentWrong,
} from '../run-view.ts';
import { nextStep } from './next-step.ts';
import { cut, painter, type Paint, wrapped } from './layout.ts';
import { MARKS } from './marks.ts';
import { scoreTable } from './score-table.ts';

export interface SummaryOptions {
  /** Whether colour is wanted; `styleText` may still refuse it. */
  readonly colour: boolean;
  /** Columns of the terminal. */
  readonly width: number;
  /** Where the HTML report lies, if there is one. */
  readonly reportPath?: string;
  /** The last run, if it is known. */
  readonly baseline?: RunRecord;
}

/** How many variants of one outcome are listed; the report has them all. */
const LISTED_MAX = 25;
const SENTENCE_MAX = 400;
const SLOWEST_COUNT = 3;
/** Variants that are named beside the first one. */
const SAME_MAX = 5;
/** Causes that need no list of their own, since they fit a screen with all that is told of each. */
const TOLD_MAX = 3;
/** Lines of that list. */
const OVERVIEW_MAX = 30;
const REASONS_MAX = 5;

interface Page {
  readonly run: RunRecord;
  readonly requirements: ReadonlyMap<string, RequirementRow>;
  readonly groups: ReadonlyMap<Outcome, readonly CaseRecord[]>;
  readonly width: number;
  readonly paint: Paint;
}

/** The summary, ending with a line feed. Deterministic for a given run but for the durations the run itself holds. */
export function summary(run: RunRecord, options: SummaryOptions): string {
  const page: Page = {
    run,
    requirements: requirementsById(run),
    groups: casesByOutcome(run),
    width: Math.max(40, options.width),
    paint: painter(options.colour),
  };
  const blocks = [
    ...wrong(page),
    ...unfinished(page),
    ...causes(page),
    ...surprises(page),
    kernel(page),
    endpoints(page),
    unchecked(page),
    slowest(page),
    identity(page),
    incompleteBanner(page),
    scores(page),
    counts(page),
    overview(page),
    headline(page, options.baseline),
    next(page, options.reportPath),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function text(value: string): string {
  return clipped(oneLine(value), SENTENCE_MAX);
}

/** Errors of the harness, and failures that broke no requirement. */
function wrong(page: Page): string[][] {
  const { run, width, paint } = page;
  const alike = bySentence(wentWrong(run));
  if (alike.length === 0) return [];
  return [
    [paint('bold', `WENT WRONG (${wentWrong(run).length})`)],
    ...alike
      .slice(0, LISTED_MAX)
      .map(({ says, records: [first, ...others] }) => [
        caseLine(page, first),
        ...wrapped(text(says), width, 2),
        ...repeated(first),
        ...same(page, others),
      ]),
    more(alike),
  ];
}

function unfinished(page: Page): string[][] {
  const cases = page.groups.get('unfinished') ?? [];
  if (cases.length === 0) return [];
  const lines = cases
    .slice(0, LISTED_MAX)
    .flatMap((record) => [caseLine(page, record), ...wrapped(text(sentenceOf(record)), page.width, 2)]);
  return [
    [page.paint('bold', `${OUTCOME_WORDS.unfinished.toUpperCase()} (${cases.length})`), ...lines, ...more(cases)],
  ];
}

function caseLine({ paint }: Page, record: CaseRecord): string {
  const { glyph, format } = MARKS[outcomeOf(record)];
  return `${paint(format, glyph)} ${paint('bold', text(record.started.id))}`;
}

/** A command is never wrapped, so that it can be copied. */
const repeated = ({ judgement }: CaseRecord): string[] => (judgement ? [`  $ ${text(judgement.repeat)}`] : []);

/** Names some of the variants that show what was just told. */
function same({ width }: Page, others: readonly CaseRecord[]): string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, SAME_MAX).map(({ started: { id } }) => text(id));
  const rest = others.length > names.length ? ', …' : '';
  return wrapped(`the same in ${counted(others.length, 'more variant')}: ${names.join(', ')}${rest}`, width, 2);
}

const markOf = ({ findings: [{ verdict }], isExpected }: RootCause): (typeof MARKS)[Outcome] =>
  MARKS[verdict === 'warn' ? 'warn' : isExpected ? 'expected' : 'fail'];

/** Each cause with everything that is needed to go on. */
function causes(page: Page): string[][] {
  const all = rootCauses(page.run);
  if (all.length === 0) return [];
  return [
    [page.paint('bold', `ROOT CAUSES (${all.length})`)],
    ...all.slice(0, LISTED_MAX).map((cause) => causeLines(page, cause)),
    more(all),
  ];
}

function causeLines(page: Page, cause: RootCause): string[] {
  const { width, paint, requirements } = page;
  const { findings, first, others, subjects, isExpected } = cause;
  const { glyph, format } = markOf(cause);
  const evidence = evidenceLine(cause);
  const expected = isExpected ? first.judgement?.expected : undefined;
  return [
    ...findings.map((finding, index) => {
      const mark = index === 0 ? paint(format, glyph) : ' ';
      return `${mark} ${paint('bold', cut(text(citation(requirements, finding)), width - 2))}`;
    }),
    ...[...new Set(findings.map(({ says }) => says))].flatMap((says) => wrapped(text(says), width, 2)),
    ...(evidence === undefined ? [] : wrapped(text(evidence), width, 4).map((line) => paint('dim', line))),
    ...(subjects.length > 1 ? wrapped(text(`at: ${subjectWords(cause)}`), width, 2) : []),
    ...(expected
      ? wrapped(text(`expected: ${[expected.reason, expected.link ?? ''].join(' ').trim()}`), width, 2)
      : []),
    ...repeated(first),
    ...same(page, others),
  ];
}

/** `unmap (223 variants), free (12 variants)` */
const subjectWords = ({ subjects }: RootCause): string =>
  subjects
    .slice(0, SAME_MAX)
    .map(({ subject, count }) => `${subject} (${counted(count, 'variant')})`)
    .join(', ') + (subjects.length > SAME_MAX ? ', …' : '');

/** Every cause in a line, so that all of them are on the last screen. */
function overview(page: Page): string[] {
  const { run, width, paint, requirements } = page;
  const all = rootCauses(run);
  if (all.length <= TOLD_MAX) return [];
  const shown = all.slice(0, OVERVIEW_MAX).map((cause) => {
    const { glyph, format } = markOf(cause);
    const [finding] = cause.findings;
    const count = `${variantsOf(cause).length}×`.padStart(5);
    const line = `${text(placeOf(requirements, finding))}: ${text(finding.says)}`;
    return `${paint(format, glyph)}${count} ${cut(line, width - count.length - 2)}`;
  });
  const rest = all.length - shown.length;
  return [
    paint('bold', 'ALL CAUSES, with the number of variants'),
    ...shown,
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
  ];
}

/** Why requirements were not checked; the report names them. */
function unchecked({ run, width, paint }: Page): string[] {
  const groups = notChecked(run);
  const hidden = groups.flatMap(({ requirements }) => requirements);
  if (hidden.length === 0) return [];
  return [
    paint('bold', `NOT CHECKED: ${hiddenWords(hidden)}`),
    ...groups.slice(0, REASONS_MAX).flatMap(({ reason, requirements, records, opener }) => {
      const where = records.length > 0 ? `, ${counted(records.length, 'variant')}` : '';
      const head = `${paint(MARKS.untested.format, MARKS.untested.glyph)} ${hiddenWords(requirements)}${where}`;
      return [
        head,
        ...wrapped(text(reason), width, 2),
        ...(opener === undefined ? [] : wrapped(text(`needs ${opener}`), width, 4)),
      ];
    }),
    ...(groups.length > REASONS_MAX
      ? [`  … and ${groups.length - REASONS_MAX} more reasons; the report has them all.`]
      : []),
  ];
}

function more(cases: readonly unknown[]): string[] {
  return cases.length > LISTED_MAX ? [`  … and ${cases.length - LISTED_MAX} more; the report lists them all.`] : [];
}

/** Stale and unmatched expectations; failures stand in the list above already. */
function surprises({ run, width, paint, groups }: Page): string[][] {
  const listed = ['fail', 'error'] as const;
  const known = new Set(
    listed.flatMap((outcome) => groups.get(outcome) ?? []).map((c) => `${c.started.id}: ${sentenceOf(c)}`),
  );
  const others = (run.footer?.surprises ?? []).filter((sentence) => !known.has(sentence));
  if (others.length === 0) return [];
  return [
    [
      paint('bold', 'EXPECTATIONS'),
      ...others.slice(0, LISTED_MAX).flatMap((s) => wrapped(text(s), width, 2)),
      ...more(others),
    ],
  ];
}

/** Reports of sanitizers and other checks of the kernel; of a crash the failure above tells as well. */
function kernel({ run, width, paint }: Page): string[] {
  const troubles = kernelTroubles(run);
  if (troubles.length === 0) return [];
  return [
    paint('bold', `REPORTS OF THE KERNEL (${troubles.length})`),
    ...troubles.slice(0, LISTED_MAX).flatMap(({ report, cases }) => {
      const [first, ...others] = cases;
      const lines = wrapped(text(`${first?.started.id ?? ''}: ${reportText(report)}`), width, 2);
      return [...lines, ...(others.length > 0 ? [`  the same in ${counted(others.length, 'more variant')}`] : [])];
    }),
    ...more(troubles),
  ];
}

function identity({ run, width, paint }: Page): string[] {
  const { header } = run;
  const { driver, tool } = header;
  const faults = driver.faults.length > 0 ? `, with faults ${driver.faults.join(', ')}` : '';
  return [
    ...wrapped(text(`${driver.name} ${driver.version}${faults}`), width).map((line) => paint('bold', line)),
    ...wrapped(text(`${requirementSetName(run)}, seed ${header.seed}, ${tool.name} ${tool.version}`), width),
  ];
}

function incompleteBanner({ run, width, paint }: Page): string[] {
  const why = incompleteness(run);
  if (why === undefined) return [];
  const bar = '█'.repeat(Math.min(width, 60));
  const sentences = `INCOMPLETE. ${why} Nothing below speaks for the whole catalogue.`;
  const missing = neverStarted(run);
  const listed = missing.slice(0, LISTED_MAX).map((id) => `never started: ${text(id)}`);
  const lines = [
    bar,
    ...wrapped(sentences, width),
    ...listed.flatMap((line) => wrapped(line, width, 2)),
    ...more(missing),
    bar,
  ];
  return lines.map((line) => paint(['red', 'bold'], line));
}

function scores({ run, paint }: Page): string[] {
  const [head, ...rows] = scoreTable(run);
  return head === undefined ? [] : [paint('bold', head), ...rows];
}

/** The drivers of endpoints, which are not under test. */
function endpoints({ run, width, requirements }: Page): string[] {
  const drivers = endpointDrivers(run);
  if (drivers.length === 0) return [];
  const figures = drivers.map(({ kind, held, exercised }) => `${kind} ${held} of ${exercised}`);
  const broken = drivers.flatMap(({ kind, broken: list }) => list.map((it) => ({ kind, ...it })));
  return [
    ...wrapped(text(`endpoint drivers, no part of the score, requirements held: ${figures.join(', ')}`), width),
    ...broken
      .slice(0, LISTED_MAX)
      .flatMap(({ kind, id, finding }) =>
        wrapped(text(`${kind}, ${id}: ${finding.says} ${citation(requirements, finding)}`), width, 2),
      ),
    ...more(broken),
  ];
}

function counts({ run, groups, width }: Page): string[] {
  const parts = [...new Set<Outcome>(['pass', ...OUTCOMES])]
    .map((outcome) => ({ outcome, count: groups.get(outcome)?.length ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${OUTCOME_WORDS[outcome]}`);
  const time = run.footer ? ` in ${duration(run.footer.durationMs)}` : '';
  return wrapped(`${counted(run.cases.length, 'variant')}${time}: ${parts.join(', ') || 'none was run'}`, width);
}

function slowest({ run, width }: Page): string[] {
  const timed = run.cases
    .flatMap(({ started: { id }, judgement }) => (judgement ? [{ id, ms: judgement.durationMs }] : []))
    .toSorted((a, b) => b.ms - a.ms || (a.id < b.id ? -1 : 1))
    .slice(0, SLOWEST_COUNT);
  if (timed.length === 0) return [];
  return ['slowest:', ...timed.map(({ id, ms }) => cut(`${duration(ms).padStart(9)}  ${text(id)}`, width))];
}

/** Of the driver; then what the list of expected failures makes of it, if it makes anything. */
function headline({ run, width, paint }: Page, baseline: RunRecord | undefined): string[] {
  const line = headlineOf(run, baseline);
  const colour = { good: 'green', warn: 'yellow', bad: 'red' } as const;
  const { says } = conclusionOf(run);
  const hasList = (run.header.expectations ?? []).length > 0 && incompleteness(run) === undefined;
  return [
    ...wrapped(text(headlineText(line)), width).map((it) => paint([colour[line.tone], 'bold'], it)),
    ...(hasList ? wrapped(text(`Against the list of expected failures: ${says}`), width) : []),
  ];
}

function next({ run, width }: Page, reportPath: string | undefined): string[] {
  const { says, commands } = nextStep(run);
  return [
    ...wrapped(`Next: ${says}`, width),
    ...commands.map((command) => `  $ ${text(command)}`),
    ...(reportPath === undefined ? [] : [`Full report: ${oneLine(reportPath)}`]),
  ];
}
