/** The block that ends a test run: everything that was skipped, with the reason and the command that gets what is missing. */
import { missingOf } from './search.ts';
import type { MissingTool, SearchResults, ToolName } from './tool-names.ts';

/** A test, or a step of `npm test`, that was skipped. */
export interface Skipped {
  readonly needs: readonly ToolName[];
}

export interface SkippedWork {
  readonly tests: readonly Skipped[];
  readonly steps: readonly (Skipped & { readonly name: string })[];
}

interface Row {
  readonly name: ToolName;
  readonly tool: MissingTool;
  /** What was skipped for want of it, in words. */
  readonly skipped: string;
}

const inWords = ({ tests, steps }: SkippedWork): string => {
  const counted = tests.length === 0 ? [] : [tests.length === 1 ? '1 test' : `${tests.length} tests`];
  return [...counted, ...steps.map(({ name }) => name)].join(' and ');
};

const filtered = ({ tests, steps }: SkippedWork, counts: (skipped: Skipped) => boolean): SkippedWork => ({
  tests: tests.filter(counts),
  steps: steps.filter(counts),
});

/** Tools that one command gets, with their reasons. */
function blockOf(rows: readonly Row[], line: (row: Row) => string, command: string): string {
  const reasons = new Set(rows.map(({ tool }) => tool.missing));
  return `${rows.map(line).join('')}\n  Reason: ${[...reasons].join('\n          ')}\n  Get ${rows.length === 1 ? 'it' : 'them'}: ${command}\n`;
}

/** Two blocks at most: what is fetched, and what has to be installed. */
function blocksOf(rows: readonly Row[], fetchCommand: string): string[] {
  const width = (column: 'name' | 'skipped'): number => Math.max(...rows.map((row) => row[column].length)) + 2;
  const line = ({ name, skipped, tool }: Row): string =>
    `  ${name.padEnd(width('name'))}${skipped.padEnd(width('skipped'))}${tool.neededFor}\n`;
  const fetched = rows.filter(({ tool }) => tool.packages === undefined);
  const installed = rows.filter(({ tool }) => tool.packages !== undefined);
  const packages = new Set(installed.flatMap(({ tool }) => tool.packages?.split(' ') ?? []));
  return [
    ...(fetched.length > 0 ? [blockOf(fetched, line, fetchCommand)] : []),
    ...(installed.length > 0 ? [blockOf(installed, line, `apt-get install ${[...packages].join(' ')}`)] : []),
  ];
}

function rowsOf(results: SearchResults, skippedFor: (name: ToolName) => string): Row[] {
  return missingOf(results).flatMap((name) => {
    const tool = results[name];
    return 'missing' in tool ? [{ name, tool, skipped: skippedFor(name) }] : [];
  });
}

/** @param fetchCommand gets the tools that are fetched  @returns '' if nothing was skipped */
export function skippedSummary(results: SearchResults, work: SkippedWork, fetchCommand: string): string {
  if (work.tests.length + work.steps.length === 0) return '';
  const rows = rowsOf(results, (name) => inWords(filtered(work, ({ needs }) => needs.includes(name))));
  const others = inWords(filtered(work, ({ needs }) => missingOf(results, needs).length === 0));
  return [
    `SKIPPED on this machine: ${inWords(work)}.\n`,
    ...blocksOf(
      rows.filter(({ skipped }) => skipped !== ''),
      fetchCommand,
    ),
    ...(others === ''
      ? []
      : [`  ${others} for no missing tool: by a filter of the command line, or the test itself.\n`]),
  ].join('\n');
}

/** What is missing, whether a test needed it or not; '' if nothing is. */
export function missingSummary(results: SearchResults, fetchCommand: string): string {
  const rows = rowsOf(results, () => '');
  return rows.length === 0 ? '' : ['MISSING on this machine:\n', ...blocksOf(rows, fetchCommand)].join('\n');
}
