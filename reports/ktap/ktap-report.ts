/**
 * KTAP version 1, which the kernel's test tools read: a test for each section of the catalogue, its variants nested in
 * it. KTAP has no YAML, so what there is to say of a point stands in diagnostic lines before it; and no TODO, so that an
 * expected failure is `ok … # XFAIL reason`, as kselftest writes it. The last line adds up the variants as kselftest does.
 */
import type { RunRecord } from '../record/model.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { citation, findingsOf, type Outcome, requirementsById } from '../run-view.ts';
import { type TestPoint, testPoints } from '../test-points.ts';

const TEXT_MAX = 300;
const FINDINGS_MAX = 20;

export const ktapReport: Reporter = { fileName: 'results.ktap', render };

function render(run: RunRecord): string {
  const points = testPoints(run);
  const rows = requirementsById(run);
  const sections = new Map<string, TestPoint[]>();
  for (const point of points) {
    const members = sections.get(point.section);
    if (members) members.push(point);
    else sections.set(point.section, [point]);
  }
  const lines = [
    'KTAP version 1',
    sections.size === 0 ? '1..0 # SKIP no case was run' : `1..${sections.size}`,
    ...[...sections].flatMap(([section, members], index) => sectionLines(section, members, index + 1, rows)),
    totals(points),
  ];
  return `${lines.join('\n')}\n`;
}

type Rows = ReturnType<typeof requirementsById>;

function sectionLines(section: string, points: readonly TestPoint[], number: number, rows: Rows): string[] {
  const isGood = points.every(({ outcome }) => IS_OK[outcome]);
  return [
    ...[
      'KTAP version 1',
      `1..${points.length}`,
      ...points.flatMap((point, index) => pointLines(point, index + 1, rows)),
    ].map((line) => `  ${line}`),
    `${isGood ? 'ok' : 'not ok'} ${number} ${described(section)}`,
  ];
}

/** kselftest's last line; a list of failures with a success on it is red as a whole, so that there is never an `xpass`. */
function totals(points: readonly TestPoint[]): string {
  const count = (...outcomes: Outcome[]): number => points.filter(({ outcome }) => outcomes.includes(outcome)).length;
  const parts = {
    pass: count('pass', 'warn'),
    fail: count('fail'),
    xfail: count('expected'),
    xpass: 0,
    skip: count('untested', 'not-applicable'),
    error: count('error', 'unfinished'),
  };
  return `# Totals: ${Object.entries(parts)
    .map(([name, number]) => `${name}:${number}`)
    .join(' ')}`;
}

const IS_OK: Readonly<Record<Outcome, boolean>> = {
  error: false,
  fail: false,
  unfinished: false,
  warn: true,
  untested: true,
  expected: true,
  pass: true,
  'not-applicable': true,
};

function pointLines(point: TestPoint, number: number, rows: Rows): string[] {
  const directive = directiveOf(point);
  return [
    ...diagnosticsOf(point, rows),
    `${IS_OK[point.outcome] ? 'ok' : 'not ok'} ${number} ${described(point.id)}${directive === '' ? '' : ` # ${withoutHash(directive)}`}`,
  ];
}

function directiveOf({ outcome, says, record }: TestPoint): string {
  switch (outcome) {
    case 'untested':
      return `SKIP untested: ${text(says)}`;
    case 'not-applicable':
      return `SKIP not applicable: ${text(says)}`;
    case 'expected':
      return `XFAIL ${text(record?.judgement?.expected?.reason ?? '')}`;
    case 'error':
    case 'unfinished':
      return `ERROR ${text(says)}`;
    case 'fail':
    case 'warn':
    case 'pass':
      return '';
  }
}

function diagnosticsOf({ outcome, says, record }: TestPoint, rows: Rows): string[] {
  if (outcome !== 'fail' && outcome !== 'warn' && outcome !== 'expected') return [];
  const findings = record ? findingsOf(record).slice(0, FINDINGS_MAX) : [];
  return [
    `${outcome}: ${says}`,
    ...findings.map((finding) => `${citation(rows, finding)}: ${finding.says}`),
    ...(record?.judgement ? [`repeat: ${record.judgement.repeat}`] : []),
  ].map((line) => `# ${text(line)}`);
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX).replace(CONSOLE_END, '$1');

/** Words of a console after which kunit.py reads no further; a driver's last ones are quoted in what is said of it. */
const CONSOLE_END = /(List of all partitions|Kernel panic - not syncing(?=: VFS:)|reboot(?=: System halted)):/g;

/** Behind a `#` readers look for a directive, and some take the last one of a line. */
const withoutHash = (value: string): string => value.replaceAll('#', '♯');

/** A description cannot be empty. */
const described = (value: string): string => withoutHash(text(value)) || '-';
