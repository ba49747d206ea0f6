/** The text at the end of a run: what failed first, the score last, so that both are on the screen. */
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { kernelTroubles, reportText } from '../kernel-troubles.ts';
import { clipped, oneLine } from '../printable.ts';
import { endpointDrivers } from '../endpoint-drivers.ts';
import {
  byCause,
  casesByOutcome,
  citation,
  conclusionOf,
  duration,
  findingsOf,
  incompleteness,
  neverStarted,
  type Outcome,
  OUTCOME_WORDS,
  OUTCOMES,
  requirementsById,
  requirementSetName,
  sentenceOf,
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
}

/** How many variants of one outcome are listed; the report has them all. */
const LISTED_MAX = 25;
const SENTENCE_MAX = 400;
const SLOWEST_COUNT = 3;
/** Cases that are named beside the first one that went wrong for the same reason. */
const SAME_CAUSE_MAX = 5;

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
    ...inDetail(page, 'error'),
    ...inDetail(page, 'fail'),
    ...inDetail(page, 'warn'),
    ...inLines(page, 'untested'),
    ...inLines(page, 'expected'),
    ...inLines(page, 'unfinished'),
    ...surprises(page),
    kernel(page),
    identity(page),
    incompleteBanner(page),
    scores(page),
    endpoints(page),
    counts(page),
    slowest(page),
    conclusion(page),
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

function heading({ paint, groups }: Page, outcome: Outcome): string {
  const words = OUTCOME_WORDS[outcome].toUpperCase();
  return paint('bold', `${words} (${groups.get(outcome)?.length ?? 0})`);
}

/** A block for the heading and one for each case, with everything needed to go on. */
function inDetail(page: Page, outcome: Outcome): string[][] {
  const cases = page.groups.get(outcome) ?? [];
  if (cases.length === 0) return [];
  const causes = byCause(cases);
  return [
    [heading(page, outcome)],
    ...causes
      .slice(0, LISTED_MAX)
      .map(({ first, others }) => [...details(page, first, outcome), ...sameCause(page, others)]),
    more(causes),
  ];
}

/** Names some of the cases that went wrong for the reason just told. */
function sameCause({ width }: Page, others: readonly CaseRecord[]): string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, SAME_CAUSE_MAX).map(({ started: { id } }) => text(id));
  const more = others.length > names.length ? ', …' : '';
  return wrapped(`the same in ${counted(others.length, 'more variant')}: ${names.join(', ')}${more}`, width, 2);
}

function details(page: Page, record: CaseRecord, outcome: Outcome): string[] {
  const { width, paint, requirements } = page;
  const { glyph, format } = MARKS[outcome];
  const lines = [
    `${paint(format, glyph)} ${paint('bold', text(record.started.id))}`,
    ...wrapped(text(sentenceOf(record)), width, 2),
  ];
  for (const finding of findingsOf(record)) {
    if (finding.says !== record.judgement?.says) lines.push(...wrapped(text(`also: ${finding.says}`), width, 2));
    lines.push(...wrapped(text(citation(requirements, finding)), width, 4).map((line) => paint('dim', line)));
  }
  const unanswered = record.judgement?.unanswered;
  if (unanswered !== undefined) lines.push(...wrapped(text(`what the case asks is untested: ${unanswered}`), width, 2));
  // A command is never wrapped, so that it can be copied.
  if (record.judgement) lines.push(`  $ ${text(record.judgement.repeat)}`);
  return lines;
}

/** One line, or as many as it takes, for each case: its id and the one thing to know. */
function inLines(page: Page, outcome: Outcome): string[][] {
  const cases = page.groups.get(outcome) ?? [];
  if (cases.length === 0) return [];
  const { glyph, format } = MARKS[outcome];
  const lines = cases.slice(0, LISTED_MAX).flatMap((record) => {
    const expected = record.judgement?.expected;
    const why = expected ? [expected.reason, expected.link ?? ''].join(' ') : sentenceOf(record);
    const [first = '', ...rest] = wrapped(text(`${record.started.id}: ${why}`), page.width, 2);
    return [`${page.paint(format, glyph)} ${first.slice(2)}`, ...rest];
  });
  return [[heading(page, outcome), ...lines, ...more(cases)]];
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

function conclusion({ run, width, paint }: Page): string[] {
  const { good, says } = conclusionOf(run);
  return wrapped(text(says), width).map((line) => paint(good ? ['green', 'bold'] : ['red', 'bold'], line));
}

function next({ run, width }: Page, reportPath: string | undefined): string[] {
  const { says, commands } = nextStep(run);
  return [
    ...wrapped(`Next: ${says}`, width),
    ...commands.map((command) => `  $ ${text(command)}`),
    ...(reportPath === undefined ? [] : [`Full report: ${oneLine(reportPath)}`]),
  ];
}
