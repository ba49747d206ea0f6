/** A summary in Markdown, for the page of a CI job. GitHub takes 1 MiB of a step; this stays far below. */
import type { Finding, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import type { Reporter } from '../reporter.ts';
import {
  byCause,
  casesByOutcome,
  type Cause,
  conclusionOf,
  DENOMINATOR_NAMES,
  duration,
  findingsOf,
  type Outcome,
  OUTCOME_WORDS,
  OUTCOMES,
  keywordOf,
  originOf,
  requirementsById,
  requirementSetName,
  sectionOf,
  SCORE_NAMES,
  SCORES,
  scoresOf,
  sentenceOf,
} from '../run-view.ts';
import { sectionUrl, specificationUrl } from '../words/specification.ts';
import { code, table, words } from './markdown.ts';

type Rows = ReadonlyMap<string, RequirementRow>;

/** Causes that are told of one outcome. */
const CAUSES_MAX = 50;
/** Cases that are named beside the first one with the same cause. */
const SAME_MAX = 5;

export const markdownReport: Reporter = { fileName: 'summary.md', render };

function render(run: RunRecord): string {
  const { driver, seed } = run.header;
  const { good, says } = conclusionOf(run);
  const faults = driver.faults.length > 0 ? `, with faults ${words(driver.faults.join(', '))}` : '';
  const blocks = [
    `## ${words(`${driver.name} ${driver.version}`)}${faults}`,
    `${good ? '✅' : '❌'} **${words(says)}**`,
    `${words(requirementSetName(run))}, seed ${seed}. ${counts(run)}`,
    ...scores(run),
    ...surprises(run),
    ...(['error', 'fail', 'unfinished', 'warn', 'untested', 'expected'] as const).flatMap((outcome) =>
      section(run, outcome),
    ),
    `Reproduce: ${code(run.header.command)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

function counts(run: RunRecord): string {
  const groups = casesByOutcome(run);
  const parts = OUTCOMES.map((outcome) => ({ outcome, count: groups.get(outcome)?.length ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ outcome, count }) => `${count} ${OUTCOME_WORDS[outcome]}`);
  const time = run.footer ? ` in ${duration(run.footer.durationMs)}` : '';
  return `${counted(run.cases.length, 'variant')}${time}: ${parts.join(', ') || 'none was run'}.`;
}

function scores(run: RunRecord): string[] {
  const scored = scoresOf(run);
  if (!scored) return [];
  const rows = SCORES.map((name) => [
    SCORE_NAMES[name],
    ...DENOMINATOR_NAMES.map((part) => String(scored[name][part])),
  ]);
  return [table(['score', ...DENOMINATOR_NAMES], rows)];
}

/** What is about the run and not about a case. */
function surprises(run: RunRecord): string[] {
  const known = new Set(run.cases.map((record) => `${record.started.id}: ${sentenceOf(record)}`));
  const others = (run.footer?.surprises ?? []).filter((sentence) => !known.has(sentence)).slice(0, CAUSES_MAX);
  return others.length === 0 ? [] : [others.map((sentence) => `- ${words(sentence)}`).join('\n')];
}

/** What is urgent stands open, the rest folded. */
function section(run: RunRecord, outcome: Outcome): string[] {
  const cases = casesByOutcome(run).get(outcome) ?? [];
  if (cases.length === 0) return [];
  const causes = byCause(cases);
  const title = `${OUTCOME_WORDS[outcome]} (${cases.length})`;
  const rows = requirementsById(run);
  const items = causes.slice(0, CAUSES_MAX).map((cause) => item(cause, rows));
  if (causes.length > items.length) items.push(`- and ${causes.length - items.length} more; the report has them all`);
  if (outcome === 'fail' || outcome === 'error') return [`### ${title}`, items.join('\n')];
  return [`<details><summary>${title}</summary>`, items.join('\n'), '</details>'];
}

function item({ first, others }: Cause, rows: Rows): string {
  const findings = findingsOf(first);
  const broken = findings.filter(
    ({ requirement }, at) => findings.findIndex((it) => it.requirement === requirement) === at,
  );
  const expected = first.judgement?.expected;
  return [
    `- ${code(first.started.id)}: ${words(sentenceOf(first))}`,
    ...(expected ? [`  - expected: ${words([expected.reason, expected.link ?? ''].join(' '))}`] : []),
    ...broken.slice(0, SAME_MAX).map((finding) => `  - ${demand(finding, rows)}`),
    ...(others.length > 0 ? [`  - ${sameIn(others)}`] : []),
    ...(first.judgement ? [`  - ${code(first.judgement.repeat)}`] : []),
  ].join('\n');
}

/** `MUST 5.13.6.5.1: iommu/driver/map/end-above-start`, with links to the section and to the line, or what it rests on. */
function demand(finding: Finding, rows: Rows): string {
  const row = rows.get(finding.requirement);
  const section = sectionOf(rows, finding.requirement);
  const where = section === undefined ? '' : ` ${linked(words(section), sectionUrl(section))}`;
  const origin = row && originOf(row);
  const id = linked(code(finding.requirement), row && specificationUrl(row));
  return `${keywordOf(rows, finding)}${where}: ${id}${origin === undefined ? '' : ` (${words(origin)})`}`;
}

const linked = (markdown: string, url: string | undefined): string =>
  url === undefined ? markdown : `[${markdown}](${url})`;

function sameIn(others: Cause['others']): string {
  const names = others.slice(0, SAME_MAX).map(({ started: { id } }) => code(id));
  return `the same in ${counted(others.length, 'more variant')}: ${names.join(', ')}${others.length > SAME_MAX ? ', …' : ''}`;
}
