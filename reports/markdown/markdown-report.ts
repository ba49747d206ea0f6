/** A summary in Markdown, for the page of a CI job. GitHub takes 1 MiB of a step; this stays far below. */
import type { RunRecord } from '../record/model.ts';
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
  requirementSetName,
  SCORE_NAMES,
  SCORES,
  scoresOf,
  sentenceOf,
} from '../run-view.ts';
import { code, table, words } from './markdown.ts';

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
    `Again: ${code(run.header.command)}`,
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
  const items = causes.slice(0, CAUSES_MAX).map(item);
  if (causes.length > items.length) items.push(`- and ${causes.length - items.length} more; the report has them all`);
  if (outcome === 'fail' || outcome === 'error') return [`### ${title}`, items.join('\n')];
  return [`<details><summary>${title}</summary>`, items.join('\n'), '</details>'];
}

function item({ first, others }: Cause): string {
  const requirements = [...new Set(findingsOf(first).map(({ requirement }) => requirement))].slice(0, SAME_MAX);
  const expected = first.judgement?.expected;
  return [
    `- ${code(first.started.id)}: ${words(sentenceOf(first))}`,
    ...(expected ? [`  - expected: ${words([expected.reason, expected.link ?? ''].join(' '))}`] : []),
    ...(requirements.length > 0 ? [`  - breaks ${requirements.map(code).join(', ')}`] : []),
    ...(others.length > 0 ? [`  - ${sameIn(others)}`] : []),
    ...(first.judgement ? [`  - ${code(first.judgement.repeat)}`] : []),
  ].join('\n');
}

function sameIn(others: Cause['others']): string {
  const names = others.slice(0, SAME_MAX).map(({ started: { id } }) => code(id));
  return `the same in ${counted(others.length, 'more variant')}: ${names.join(', ')}${others.length > SAME_MAX ? ', …' : ''}`;
}
