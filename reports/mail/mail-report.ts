/**
 * Plain text for a mailing list, in lines of at most 72 characters: which driver, its score, and each requirement that it
 * breaks once, with what was seen on the wire and the command that shows it again.
 */
import type { CaseRecord, RequirementRow, RunRecord } from '../record/model.ts';
import { counted } from '../../reference-device/counted.ts';
import { headlineOf, headlineText } from '../headline.ts';
import { sectionTitle } from '../html/section-titles.ts';
import { clipped, oneLine } from '../printable.ts';
import type { Reporter } from '../reporter.ts';
import {
  bindingOf,
  crashes,
  requirementsById,
  requirementSetName,
  originOf,
  sectionOf,
  sentenceOf,
  wentWrong,
} from '../run-view.ts';
import { hanging, wrapped } from '../terminal/layout.ts';
import { scoreTable } from '../terminal/score-table.ts';
import { specificationUrl } from '../words/specification.ts';
import { commandLines } from './command-lines.ts';
import { type RootCause, rootCauses } from '../root-causes.ts';
import { traceExcerpt } from './trace-excerpt.ts';

const WIDTH = 72;
const INDENT = 2;
const TEXT_MAX = 600;
const COMMAND_MAX = 1500;
/** Causes that are told with their trace; of the others there is a line. */
const TOLD_MAX = 10;
const LISTED_MAX = 40;
const LOG_LINES = 8;
const LOG_LINE_MAX = 200;
/** Variants that are named beside the first one. */
const OTHERS_MAX = 3;

export const mailReport: Reporter = { fileName: 'mail.txt', render };

function render(run: RunRecord, baseline?: RunRecord): string {
  const causes = rootCauses(run);
  const rows = requirementsById(run);
  const blocks = [
    ...opening(run, baseline),
    scoreTable(run),
    ...unexplained(run),
    ...causes.slice(0, TOLD_MAX).flatMap((cause, index) => causeBlocks(cause, index + 1, rows)),
    ...rest(causes.slice(TOLD_MAX), rows),
    ...closing(run),
  ];
  const filled = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${filled.join('\n\n')}\n`;
}

const text = (value: string): string => clipped(oneLine(value), TEXT_MAX);
const paragraph = (value: string, indent = 0): string[] => wrapped(text(value), WIDTH, indent);
const command = (value: string): string[] => commandLines(clipped(oneLine(value), COMMAND_MAX), WIDTH, INDENT);

function opening(run: RunRecord, baseline: RunRecord | undefined): string[][] {
  const { driver } = run.header;
  const faults = driver.faults.length > 0 ? `, with faults ${driver.faults.join(', ')}` : '';
  const surprises = new Set(run.footer?.surprises);
  for (const record of run.cases) surprises.delete(`${record.started.id}: ${sentenceOf(record)}`);
  return [
    [
      ...paragraph(`${driver.name} ${driver.version}${faults}, against ${requirementSetName(run)}`),
      ...(driver.configuration === '' ? [] : paragraph(`configuration: ${driver.configuration}`)),
    ],
    paragraph(`${headlineText(headlineOf(run, baseline))}.`),
    [...surprises].slice(0, OTHERS_MAX).flatMap((sentence) => paragraph(sentence)),
  ];
}

/** The harness's own errors, and failures that broke no requirement. */
function unexplained(run: RunRecord): string[][] {
  const cases = wentWrong(run);
  if (cases.length === 0) return [];
  const shown = cases.slice(0, TOLD_MAX).flatMap((record) => paragraph(nameAndSentence(record), INDENT));
  const more = cases.length > TOLD_MAX ? [`  and ${cases.length - TOLD_MAX} more`] : [];
  return [['What went wrong without saying anything of a requirement:'], [...shown, ...more]];
}

const nameAndSentence = (record: CaseRecord): string => `${record.started.id}: ${sentenceOf(record)}`;

function causeBlocks(cause: RootCause, number: number, rows: ReadonlyMap<string, RequirementRow>): string[][] {
  const { findings, first, others } = cause;
  const { started, judgement, trace } = first;
  const [{ at, verdict }] = findings;
  const demanded = findings.flatMap(({ requirement }) => rows.get(requirement)?.says ?? []);
  const says = [...new Set(findings.map((finding) => finding.says))];
  const excerpt = traceExcerpt(trace, at, WIDTH - INDENT).map((line) => ' '.repeat(INDENT) + line);
  const expected = judgement?.expected;
  const isKnown = verdict === 'fail' && expected !== undefined;
  return [
    headings(cause, `[${number}] `, rows),
    ...(demanded.length === 0 ? [] : [['What is required, in our words:']]),
    ...demanded.map((sentence) => paragraph(sentence, INDENT)),
    ...sources(cause, rows),
    paragraph(`What happened in ${[started.id, ...othersText(others)].join(' and ')}:`),
    ...says.map((sentence) => paragraph(sentence, INDENT)),
    ...(isKnown ? [paragraph(`This is known: ${[expected.reason, expected.link ?? ''].join(' ')}`)] : []),
    ...(excerpt.length === 0 ? [] : [[traceHeading(first, at)], excerpt]),
    ...lastWords(first),
    ...(judgement ? [['To see it again:'], command(judgement.repeat)] : []),
  ];
}

/** Where the requirements can be read, or on what they rest. */
function sources({ findings }: RootCause, rows: ReadonlyMap<string, RequirementRow>): string[][] {
  const lines = findings.flatMap(({ requirement }) => {
    const row = rows.get(requirement);
    const url = row && specificationUrl(row);
    // An address that is wrapped cannot be followed.
    return url === undefined ? hanging('  ', text((row && originOf(row)) ?? ''), WIDTH) : [`  ${url}`];
  });
  const shown = [...new Set(lines)].filter((line) => line.trim() !== '');
  return shown.length === 0 ? [] : [shown];
}

/** `[1] MUST, 5.13.6.5.1 MAP request: iommu/driver/map/end-above-start`, and further requirements below. */
function headings({ findings }: RootCause, prefix: string, rows: ReadonlyMap<string, RequirementRow>): string[] {
  return findings.flatMap((finding, index) => {
    const { requirement } = finding;
    const section = sectionOf(rows, requirement);
    const title = section === undefined ? '' : `, ${sectionTitle(section)}`;
    const heading = text(`${bindingOf(rows, finding)}${title}: ${requirement}`);
    return hanging(index === 0 ? prefix : ' '.repeat(prefix.length), heading, WIDTH);
  });
}

/** The end of the driver's log, if the driver did not survive. */
function lastWords(record: CaseRecord): string[][] {
  const lines = (record.judgement?.driverLog ?? '').split('\n').filter((line) => line.trim() !== '');
  if (!crashes(record) || lines.length === 0) return [];
  const shown = lines.slice(-LOG_LINES).flatMap((line) => hanging('  ', clipped(oneLine(line), LOG_LINE_MAX), WIDTH));
  return [["The end of the driver's log:"], shown];
}

function othersText(others: readonly CaseRecord[]): string[] {
  if (others.length === 0) return [];
  const names = others.slice(0, OTHERS_MAX).map(({ started: { id } }) => id);
  return [
    `${counted(others.length, 'more variant')} (${names.join(', ')}${others.length > names.length ? ', …' : ''})`,
  ];
}

function traceHeading({ trace }: CaseRecord, at: number | undefined): string {
  const isProven = trace.some(({ seq }) => seq === at);
  return isProven ? 'The trace around it; * marks what proves it:' : 'The end of the trace:';
}

function rest(causes: readonly RootCause[], rows: ReadonlyMap<string, RequirementRow>): string[][] {
  if (causes.length === 0) return [];
  const lines = causes.slice(0, LISTED_MAX).flatMap((cause) => headings(cause, '  - ', rows));
  const more = causes.length > LISTED_MAX ? [`  and ${causes.length - LISTED_MAX} more`] : [];
  return [['Broken as well:'], [...lines, ...more]];
}

function closing({ header: { tool, catalogue, command: played, seed } }: RunRecord): string[][] {
  const version = `${tool.name} ${tool.version}, catalogue ${catalogue.digest} of ${counted(catalogue.variants, 'variant')}, seed ${seed}`;
  return [['The whole run again:'], command(`npx ${played}`), paragraph(version)];
}
