/**
 * TAP version 14, a point for each planned variant.
 *
 * A verdict that does not gate the exit code is `ok`: a warning with a diagnostic, `untested` as
 * `# SKIP untested: …`, so that a reader of the stream and the exit code never disagree. An expected failure is
 * `not ok … # TODO reason`. A run that is red for no single variant gets a failing point of its own.
 */
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { headlineOf, headlineText } from '../headline.ts';
import {
  bindingOf,
  conclusionOf,
  DENOMINATOR_NAMES,
  findingsOf,
  incompleteness,
  isRedWithoutCause,
  neverStarted,
  type Outcome,
  outcomeOf,
  requirementsById,
  SCORE_NAMES,
  SCORES,
  scoresOf,
  sectionOf,
  sentenceOf,
} from '../run-view.ts';
import { specificationUrl } from '../words/specification.ts';

interface Point {
  readonly ok: boolean;
  readonly name: string;
  /** `SKIP reason` or `TODO reason`. */
  readonly directive?: string;
  readonly diagnostic?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
}

const NAME_MAX = 300;
const SENTENCE_MAX = 1000;

export const tapReport: Reporter = { fileName: 'results.tap', render };

function render(run: RunRecord, baseline?: RunRecord): string {
  const points = pointsOf(run);
  const incomplete = incompleteness(run);
  const lines = [
    'TAP version 14',
    points.length === 0 ? '1..0 # SKIP no case was run' : `1..${points.length}`,
    ...points.flatMap((point, index) => pointLines(point, index + 1)),
    `# ${escaped(headlineText(headlineOf(run, baseline)))}`,
    ...scoreComments(run),
    ...(incomplete === undefined ? [] : [`Bail out! ${escaped(`INCOMPLETE. ${incomplete}`)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function pointsOf(run: RunRecord): Point[] {
  const requirements = requirementsById(run);
  const points = run.cases.map((record) => pointOf(record, requirements));
  for (const id of neverStarted(run)) {
    points.push({
      ok: false,
      name: id,
      diagnostic: { message: 'The run ended before this case.', severity: 'unfinished' },
    });
  }
  if (isRedWithoutCause(run)) {
    const message = conclusionOf(run).says;
    points.push({ ok: false, name: 'the run as a whole', diagnostic: { message, severity: 'fail' } });
  }
  return points;
}

const IS_OK: Readonly<Record<Outcome, boolean>> = {
  error: false,
  fail: false,
  unfinished: false,
  expected: false,
  warn: true,
  untested: true,
  pass: true,
  'not-applicable': true,
};

function pointOf(record: CaseRecord, requirements: ReadonlyMap<string, RequirementRow>): Point {
  const outcome = outcomeOf(record);
  const name = `${record.started.id} ${record.started.title}`;
  const directive = directiveOf(record, outcome);
  const isBare = outcome === 'pass' || outcome === 'not-applicable';
  return {
    ok: IS_OK[outcome],
    name,
    ...(directive !== undefined && { directive }),
    ...(!isBare && { diagnostic: diagnosticOf(record, outcome, requirements) }),
  };
}

function directiveOf(record: CaseRecord, outcome: Outcome): string | undefined {
  if (outcome === 'not-applicable') return `SKIP not applicable: ${sentenceOf(record)}`;
  if (outcome === 'untested') return `SKIP untested: ${sentenceOf(record)}`;
  if (outcome !== 'expected') return undefined;
  const { reason = '', link = '' } = record.judgement?.expected ?? {};
  return `TODO ${reason} ${link}`;
}

function diagnosticOf(
  record: CaseRecord,
  outcome: Outcome,
  requirements: ReadonlyMap<string, RequirementRow>,
): NonNullable<Point['diagnostic']> {
  const [worst, ...others] = findingsOf(record);
  const row = worst && requirements.get(worst.requirement);
  return {
    message: sentenceOf(record),
    severity: outcome,
    requirement: worst?.requirement,
    keyword: worst && bindingOf(requirements, worst),
    section: worst && sectionOf(requirements, worst.requirement),
    specification: row && specificationUrl(row),
    at: worst?.at,
    also: others.length > 0 ? others.map(({ requirement, says }) => `${requirement}: ${says}`) : undefined,
    repeat: record.judgement?.repeat,
  };
}

function pointLines({ ok, name, directive, diagnostic }: Point, number: number): string[] {
  const suffix = directive === undefined ? '' : ` # ${withHead(directive)}`;
  return [
    `${ok ? 'ok' : 'not ok'} ${number} - ${escaped(name)}${suffix}`,
    ...(diagnostic ? yamlLines(diagnostic) : []),
  ];
}

/** The directive's first word stands for itself; what follows comes from outside. */
const withHead = (directive: string): string => `${directive.slice(0, 4)} ${escaped(directive.slice(5))}`;

function yamlLines(diagnostic: NonNullable<Point['diagnostic']>): string[] {
  const lines = Object.entries(diagnostic).flatMap(([key, value]) => {
    if (value === undefined) return [];
    if (typeof value === 'string' || typeof value === 'number') return [`  ${key}: ${scalar(value)}`];
    return [`  ${key}:`, ...value.map((item) => `    - ${scalar(item)}`)];
  });
  return ['  ---', ...lines, '  ...'];
}

/** A double-quoted YAML scalar is what JSON writes, once the characters that YAML forbids are gone. */
function scalar(value: string | number): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(clipped(oneLine(value), SENTENCE_MAX));
}

/**
 * Text in a description or reason: `\` and `#` would begin an escape or a directive, and some readers take a brace
 * at the end of the line for the beginning of a subtest.
 */
function escaped(text: string): string {
  const line = clipped(oneLine(text), NAME_MAX).replace(/[\\#]/g, String.raw`\$&`);
  return line.endsWith('{') ? `${line}.` : line;
}

function scoreComments(run: RunRecord): string[] {
  const scored = scoresOf(run);
  if (!scored) return [];
  return SCORES.map((name) => {
    const parts = DENOMINATOR_NAMES.map((part) => `${scored[name][part]} ${part}`);
    return `# ${SCORE_NAMES[name]}: ${parts.join(' / ')}`;
  });
}
