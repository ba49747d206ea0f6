/**
 * CTRF, the Common Test Report Format, for dashboards that read nothing else. Its times are whole milliseconds, so the
 * exact duration stands in `extra`, as does what the format has no word for.
 */
import type { RunRecord } from '../record/model.ts';
import { clipped, oneLine, printable } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import { headlineOf, headlineText } from '../headline.ts';
import {
  citation,
  findingsOf,
  type Outcome,
  OUTCOME_WORDS,
  requirementsById,
  requirementSetName,
} from '../run-view.ts';
import { type TestPoint, testPoints } from '../test-points.ts';

/** Version of the format. */
const SPEC_VERSION = '0.0.0';
const TEXT_MAX = 1000;
const FINDINGS_MAX = 50;

export const ctrfReport: Reporter = { fileName: 'ctrf-report.json', render };

type Status = 'passed' | 'failed' | 'skipped' | 'pending' | 'other';

/** What gates the exit code has failed; `rawStatus` says the rest. */
const STATUSES: Readonly<Record<Outcome, Status>> = {
  error: 'failed',
  fail: 'failed',
  unfinished: 'failed',
  warn: 'passed',
  pass: 'passed',
  expected: 'other',
  untested: 'skipped',
  'not-applicable': 'skipped',
};

function render(run: RunRecord, baseline?: RunRecord): string {
  const { header, footer } = run;
  const { tool, driver, shard } = header;
  const points = testPoints(run);
  const rows = requirementsById(run);
  const count = (status: Status): number => points.filter(({ outcome }) => STATUSES[outcome] === status).length;
  const start = milliseconds(Date.parse(header.startedAt));
  const report = {
    reportFormat: 'CTRF',
    specVersion: SPEC_VERSION,
    generatedBy: text(`${tool.name} ${tool.version}`),
    results: {
      tool: { name: text(tool.name) || '-', version: text(tool.version) },
      summary: {
        tests: points.length,
        passed: count('passed'),
        failed: count('failed'),
        skipped: count('skipped'),
        pending: count('pending'),
        other: count('other'),
        start,
        stop: start + milliseconds(footer?.durationMs ?? 0),
        extra: {
          viommuspec: {
            headline: text(headlineText(headlineOf(run, baseline))),
            ...(footer && { scores: footer.scores, exitCode: footer.exitCode }),
          },
        },
      },
      tests: points.map((point) => testOf(point, rows)),
      environment: {
        appName: text(driver.name),
        appVersion: text(driver.version),
        testEnvironment: text(requirementSetName(run)),
        ...(shard && { shardId: `${shard.index}/${shard.count}` }),
        extra: {
          viommuspec: {
            configuration: text(driver.configuration),
            faults: driver.faults.map(text),
            seed: header.seed,
            catalogue: text(header.catalogue.digest),
            command: text(header.command),
          },
        },
      },
    },
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

function testOf({ id, section, outcome, says, record }: TestPoint, rows: Rows): unknown {
  const durationMs = record?.judgement?.durationMs ?? 0;
  const findings = record ? findingsOf(record).slice(0, FINDINGS_MAX) : [];
  const expected = record?.judgement?.expected;
  return {
    testId: text(id) || '-',
    name: text(record ? `${id} ${record.started.title}` : id) || '-',
    status: STATUSES[outcome],
    duration: milliseconds(durationMs),
    suite: [text(section) || '-'],
    ...(outcome !== 'pass' && { message: text(says) }),
    ...(findings.length > 0 && { trace: findings.map((finding) => findingText(finding, rows)).join('\n') }),
    rawStatus: OUTCOME_WORDS[outcome],
    extra: {
      viommuspec: {
        durationMs: Number.isFinite(durationMs) ? durationMs : 0,
        ...(record?.judgement && { repeat: text(record.judgement.repeat) }),
        ...(expected && { expected: text([expected.reason, expected.link ?? ''].join(' ')) }),
      },
    },
  };
}

type Rows = ReturnType<typeof requirementsById>;

function findingText(finding: ReturnType<typeof findingsOf>[number], rows: Rows): string {
  const { says, by } = finding;
  return printable(clipped(`${citation(rows, finding)}: ${oneLine(says)} (found by ${by})`, TEXT_MAX));
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);

/** Whole, and never what JSON cannot say. */
const milliseconds = (ms: number): number => (Number.isFinite(ms) && ms > 0 ? Math.round(ms) : 0);
