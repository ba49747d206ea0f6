/**
 * Results for KernelCI's database, KCIDB, in version 5.3 of its schema: every variant is a test of a build. The build is the
 * one that `--kcidb-build` names, which the database knows already; else one that stands for the driver. A known failure
 * stays FAIL, and an incident ties it to the issue that the user's list names. A log has no time for each variant, so that all
 * of them have started with the run.
 */
import { createHash } from 'node:crypto';
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { traceExcerpt } from '../mail/trace-excerpt.ts';
import { clipped, oneLine, printable, tailOf } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import {
  citation,
  findingsOf,
  isIdle,
  type Outcome,
  OUTCOME_WORDS,
  requirementsById,
  requirementSetName,
  sectionOf,
} from '../run-view.ts';
import { type TestPoint, testPoints, WHOLE_RUN } from '../test-points.ts';
import { specificationUrl } from '../words/specification.ts';
import { testPaths } from './test-paths.ts';

const SCHEMA_VERSION = { major: 5, minor: 3 } as const;
const DEFAULT_ORIGIN = 'viommuspec';
/** Characters that the schema takes as an excerpt, and what of them the driver's log may have. */
const EXCERPT_MAX = 16_384;
const DRIVER_LOG_MAX = 8000;
const TRACE_WIDTH = 100;
const TEXT_MAX = 1000;
const FINDINGS_MAX = 20;
/** Our issues are never modified: another reason is another issue. */
const ISSUE_VERSION = 1;

export const kcidbReport: Reporter = { fileName: 'kcidb.json', render };

/** `expected` is FAIL: the code is faulty, and known to be. */
const STATUSES: Readonly<Record<Outcome, 'FAIL' | 'ERROR' | 'MISS' | 'PASS' | 'SKIP'>> = {
  error: 'ERROR',
  fail: 'FAIL',
  unfinished: 'MISS',
  expected: 'FAIL',
  warn: 'PASS',
  pass: 'PASS',
  untested: 'MISS',
  'not-applicable': 'SKIP',
};

/** A test point with what names it in the database. */
interface Named {
  readonly point: TestPoint;
  readonly path: string;
  readonly id: string;
}

interface Submission {
  readonly run: RunRecord;
  readonly origin: string;
  readonly buildId: string;
  readonly tests: readonly Named[];
}

function render(run: RunRecord): string {
  const { kcidb } = run.header;
  const origin = kcidb?.origin ?? DEFAULT_ORIGIN;
  const ownBuild = `${origin}:${driverName(run).replaceAll(' ', '-')}`;
  const buildId = kcidb?.build ?? ownBuild;
  const points = testPoints(run);
  const paths = testPaths(points.map(({ id }) => (id === WHOLE_RUN ? '' : id)));
  const runId = `${origin}:${digestOf(factsOf(run, buildId))}`;
  const tests = points.map((point, index) => {
    const path = paths[index] ?? '';
    return { point, path, id: `${runId}/${path}` };
  });
  const submission = { run, origin, buildId, tests };
  const document = {
    version: SCHEMA_VERSION,
    ...(kcidb?.build === undefined && standIns(submission)),
    tests: tests.map((named) => testOf(named, submission)),
    ...knownFailures(submission),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

const digestOf = (facts: unknown): string =>
  createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);

function driverName({ header: { driver } }: RunRecord): string {
  const faults = driver.faults.length > 0 ? ` with ${driver.faults.join('+')}` : '';
  return text(`${driver.name} ${driver.version}${faults}`);
}

/** What tells a run from every other one. */
function factsOf({ header }: RunRecord, buildId: string): unknown {
  const { startedAt, command, seed, driver, profile, column, shard } = header;
  return [startedAt, command, seed, driver, profile, column, shard, buildId];
}

/** The build and its source, of which nothing is known but the driver's name and version. */
function standIns({ run, origin, buildId }: Submission): object {
  const comment = driverName(run);
  return {
    checkouts: [{ id: buildId, origin, comment }],
    builds: [{ id: buildId, checkout_id: buildId, origin, comment }],
  };
}

function testOf({ point, path, id }: Named, { run, origin, buildId }: Submission): object {
  const startedAt = Date.parse(run.header.startedAt);
  const durationMs = point.record?.judgement?.durationMs;
  const excerpt = excerptOf(point, requirementsById(run));
  return {
    id,
    build_id: buildId,
    origin,
    path,
    status: statusOf(point, run),
    comment: text(point.says),
    ...(!Number.isNaN(startedAt) && { start_time: new Date(startedAt).toISOString() }),
    ...(durationMs !== undefined && Number.isFinite(durationMs) && { duration: durationMs / 1000 }),
    ...(excerpt !== undefined && { log_excerpt: excerpt }),
    environment: environmentOf(run),
    misc: { viommuspec: factsOfPoint(point, requirementsById(run)) },
  };
}

/** FAIL says that the tested code is faulty, which a run that is red as a whole never does. */
function statusOf({ id, outcome }: TestPoint, run: RunRecord): string {
  if (id !== WHOLE_RUN || outcome !== 'fail') return STATUSES[outcome];
  return isIdle(run) ? 'MISS' : 'ERROR';
}

function environmentOf(run: RunRecord): object {
  const { tool, driver, seed, catalogue, command } = run.header;
  return {
    comment: text(`the virtio-iommu device of ${tool.name} ${tool.version}, ${requirementSetName(run)}`),
    misc: {
      driver: driverName(run),
      configuration: text(driver.configuration),
      catalogue: text(catalogue.digest),
      seed,
      command: text(command),
    },
  };
}

function factsOfPoint({ id, outcome, record }: TestPoint, rows: ReadonlyMap<string, RequirementRow>): object {
  const findings = record ? findingsOf(record).slice(0, FINDINGS_MAX) : [];
  return {
    variant: text(id),
    outcome: OUTCOME_WORDS[outcome],
    ...(record?.judgement && { repeat: text(record.judgement.repeat) }),
    ...(findings.length > 0 && {
      findings: findings.map(({ keyword, requirement, says }) => {
        const section = sectionOf(rows, requirement);
        return {
          keyword,
          requirement: text(requirement),
          ...(section !== undefined && { section: text(section) }),
          ...specificationOf(rows.get(requirement)),
          says: text(says),
        };
      }),
    }),
  };
}

function specificationOf(row: RequirementRow | undefined): object {
  const url = row && specificationUrl(row);
  return url === undefined ? {} : { specification: url };
}

/** What is broken, the trace around it and the end of the driver's log; undefined where there is nothing to look at. */
function excerptOf(
  { outcome, says, record }: TestPoint,
  rows: ReadonlyMap<string, RequirementRow>,
): string | undefined {
  if (!record?.judgement || ['pass', 'untested', 'not-applicable'].includes(outcome)) return undefined;
  const findings = findingsOf(record).slice(0, FINDINGS_MAX);
  const trace = traceExcerpt(record.trace, findings[0]?.at, TRACE_WIDTH);
  const log = printable(tailOf(record.judgement.driverLog, DRIVER_LOG_MAX)).trimEnd();
  const lines = [
    text(says),
    ...findings.map((finding) => text(`${citation(rows, finding)}: ${finding.says}`)),
    ...(trace.length > 0 ? ['', ...trace] : []),
    ...(log === '' ? [] : ['', log]),
  ];
  const whole = `${lines.join('\n')}\n`;
  return whole.length <= EXCERPT_MAX ? whole : clipped(whole, EXCERPT_MAX - 100);
}

/** An issue for each reason of the user's list, and an incident for each variant that failed for it. */
function knownFailures({ tests, origin }: Submission): object {
  const issues = new Map<string, object>();
  const incidents = tests.flatMap(({ point, id }) => {
    const expected = point.outcome === 'expected' ? point.record?.judgement?.expected : undefined;
    if (!expected) return [];
    const issueId = `${origin}:expected-${digestOf([expected.reason, expected.link])}`;
    issues.set(issueId, issueOf(issueId, origin, expected));
    return [
      { id: `${id}/expected`, origin, issue_id: issueId, issue_version: ISSUE_VERSION, test_id: id, present: true },
    ];
  });
  return incidents.length === 0 ? {} : { issues: [...issues.values()], incidents };
}

type Expected = NonNullable<NonNullable<CaseRecord['judgement']>['expected']>;

function issueOf(id: string, origin: string, { reason, link }: Expected): object {
  const isUrl = link !== undefined && /^https?:/.test(link) && URL.canParse(link);
  return {
    id,
    version: ISSUE_VERSION,
    origin,
    comment: text(reason),
    ...(isUrl && { report_url: new URL(link).href }),
    culprit: { code: true, tool: false, harness: false },
  };
}
