/** A summary in Markdown, for the page of a CI job. GitHub takes 1 MiB of a step; this stays far below. */
import type { Finding, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import type { Reporter } from '../reporter.ts';
import { evidenceLine } from '../evidence.ts';
import { headlineOf, headlineText } from '../headline.ts';
import { hiddenWords, notChecked } from '../not-checked.ts';
import { type RootCause, rootCauses } from '../root-causes.ts';
import {
  bindingOf,
  bySentence,
  casesByOutcome,
  conclusionOf,
  DENOMINATOR_NAMES,
  duration,
  incompleteness,
  OUTCOME_WORDS,
  OUTCOMES,
  originOf,
  requirementsById,
  requirementSetName,
  sectionOf,
  SCORE_NAMES,
  SCORES,
  scoresOf,
  sentenceOf,
  wentWrong,
} from '../run-view.ts';
import { sectionUrl, specificationUrl } from '../words/specification.ts';
import { code, table, words } from './markdown.ts';

/** Causes that are told of one kind, and reasons for what was not checked. */
const CAUSES_MAX = 50;
/** Variants that are named beside the first one. */
const SAME_MAX = 5;

export const markdownReport: Reporter = { fileName: 'summary.md', render };

function render(run: RunRecord, baseline?: RunRecord): string {
  const { driver, seed } = run.header;
  const line = headlineOf(run, baseline);
  const faults = driver.faults.length > 0 ? `, with faults ${words(driver.faults.join(', '))}` : '';
  const blocks = [
    `## ${words(`${driver.name} ${driver.version}`)}${faults}`,
    `${SIGNS[line.tone]} **${words(headlineText(line))}**`,
    ...expectations(run),
    `${words(requirementSetName(run))}, seed ${seed}. ${counts(run)}`,
    ...scores(run),
    ...surprises(run),
    ...wrong(run),
    ...causes(run),
    ...unchecked(run),
    `Reproduce: ${code(run.header.command)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
}

const SIGNS = { good: '✅', warn: '⚠️', bad: '❌' } as const;

/** What the list of expected failures makes of it, if there is one. */
function expectations(run: RunRecord): string[] {
  const hasList = (run.header.expectations ?? []).length > 0 && incompleteness(run) === undefined;
  return hasList ? [`Against the list of expected failures: ${words(conclusionOf(run).says)}`] : [];
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

/** Errors of the harness, failures that broke no requirement, and what was not finished. */
function wrong(run: RunRecord): string[] {
  const cases = [...wentWrong(run), ...(casesByOutcome(run).get('unfinished') ?? [])];
  if (cases.length === 0) return [];
  const items = bySentence(cases).map(({ says, records: [first, ...others] }) =>
    [
      `- ${code(first.started.id)}: ${words(says)}`,
      ...sameIn(others),
      ...(first.judgement ? [`  - ${code(first.judgement.repeat)}`] : []),
    ].join('\n'),
  );
  return [`### Went wrong (${cases.length})`, listed(items)];
}

const isAdvised = ({ findings: [{ verdict }] }: RootCause): boolean => verdict === 'warn';

/** What nobody expected stands open, the rest folded. */
function causes(run: RunRecord): string[] {
  const all = rootCauses(run);
  const broken = all.filter((cause) => !isAdvised(cause) && !cause.isExpected);
  const expected = all.filter((cause) => !isAdvised(cause) && cause.isExpected);
  const missed = all.filter(isAdvised);
  const items = (members: readonly RootCause[]): string => listed(members.map((cause) => item(cause, run)));
  return [
    ...(broken.length > 0 ? [`### Broken: ${counted(broken.length, 'root cause')}`, items(broken)] : []),
    ...folded(`Broken as expected: ${counted(expected.length, 'root cause')}`, expected, items),
    ...folded(`Not followed: ${counted(missed.length, 'root cause')}`, missed, items),
  ];
}

function folded<Member>(
  title: string,
  members: readonly Member[],
  text: (members: readonly Member[]) => string,
): string[] {
  if (members.length === 0) return [];
  return [`<details><summary>${title}</summary>`, text(members), '</details>'];
}

function listed(items: readonly string[]): string {
  const more = items.length > CAUSES_MAX ? [`- and ${items.length - CAUSES_MAX} more; the report has them all`] : [];
  return [...items.slice(0, CAUSES_MAX), ...more].join('\n');
}

function item(cause: RootCause, run: RunRecord): string {
  const { findings, first, others, isExpected } = cause;
  const rows = requirementsById(run);
  const expected = isExpected ? first.judgement?.expected : undefined;
  const evidence = evidenceLine(cause);
  const [worst, ...beside] = findings;
  return [
    `- ${demand(worst, rows)}: ${words(worst.says)}`,
    ...beside.map((finding) => `  - also ${demand(finding, rows)}`),
    ...(evidence === undefined ? [] : [`  - ${words(evidence)}`]),
    ...(expected ? [`  - expected: ${words([expected.reason, expected.link ?? ''].join(' '))}`] : []),
    `  - in ${code(first.started.id)}`,
    ...sameIn(others),
    ...(first.judgement ? [`  - ${code(first.judgement.repeat)}`] : []),
  ].join('\n');
}

/** Keyword, section and id, with links to the section and to the sentence, or what the row rests on. */
function demand(finding: Finding, rows: ReadonlyMap<string, RequirementRow>): string {
  const row = rows.get(finding.requirement);
  const section = sectionOf(rows, finding.requirement);
  const where = section === undefined ? '' : `, ${linked(words(section), sectionUrl(section))}`;
  const origin = row && originOf(row);
  const id = linked(code(finding.requirement), row && specificationUrl(row));
  return `**${bindingOf(rows, finding)}**${where} ${id}${origin === undefined ? '' : ` (${words(origin)})`}`;
}

const linked = (markdown: string, url: string | undefined): string =>
  url === undefined ? markdown : `[${markdown}](${url})`;

function sameIn(others: RootCause['others']): string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, SAME_MAX).map(({ started: { id } }) => code(id));
  const rest = others.length > SAME_MAX ? ', …' : '';
  return [`  - the same in ${counted(others.length, 'more variant')}: ${names.join(', ')}${rest}`];
}

/** Reason, what it hides, and what would take it away. */
function unchecked(run: RunRecord): string[] {
  const groups = notChecked(run);
  const hidden = groups.flatMap(({ requirements }) => requirements);
  const rows = groups
    .slice(0, CAUSES_MAX)
    .map(({ reason, requirements, records, opener }) => [
      words(reason),
      hiddenWords(requirements),
      String(records.length),
      opener === undefined ? '' : words(opener),
    ]);
  return folded(`Not checked: ${hiddenWords(hidden)}`, rows, (lines) =>
    table(['reason', 'not checked', 'variants', 'needs'], lines),
  );
}
