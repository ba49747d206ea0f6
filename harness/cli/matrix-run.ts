/** Several runs one after the other, and what sets them apart. */
import { join } from 'node:path';
import { matrixMarkdown } from '../../reports/matrix/matrix-markdown.ts';
import { matrixText } from '../../reports/matrix/matrix-text.ts';
import { type MatrixColumn, matrixOf } from '../../reports/matrix/matrix.ts';
import { scoreboardHtml } from '../../reports/scoreboard/scoreboard-html.ts';
import { scoreboardOf } from '../../reports/scoreboard/scoreboard.ts';
import { writeFiles } from '../../reports/written-files.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import type { RunRecord } from '../../reports/record/model.ts';
import type { Column } from './columns.ts';
import type { Terminal } from './terminal.ts';

/** Plays one column, and leaves its log and reports in `folder`. */
export type PlayColumn = (
  column: Column,
  folder: string,
) => Promise<{ readonly record: RunRecord; readonly exitCode: ExitCode }>;

/** The first of these that any run ends with is how the whole ends. */
const WORST_FIRST: readonly ExitCode[] = [
  EXIT.interrupted,
  EXIT.harnessError,
  EXIT.driverDidNotStart,
  EXIT.usage,
  EXIT.incomplete,
  EXIT.nothingExercised,
  EXIT.unexpected,
];

/**
 * Plays every column into a folder of its own under `folder`, prints the matrix, and leaves it there as `matrix.md` and
 * `scoreboard.html`. A driver that does not start is told of and left out; an interruption ends the rest.
 */
export async function playMatrix(
  columns: readonly Column[],
  folder: string,
  play: PlayColumn,
  terminal: Terminal,
): Promise<ExitCode> {
  const played: MatrixColumn[] = [];
  const exitCodes: ExitCode[] = [];
  for (const column of columns) {
    terminal.note(`\n${column.name}`);
    try {
      const { record, exitCode } = await play(column, join(folder, folderName(column)));
      played.push({ name: column.name, run: record });
      exitCodes.push(exitCode);
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      terminal.note(`${column.name}: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`);
      exitCodes.push(error.exitCode);
    }
    if (exitCodes.includes(EXIT.interrupted)) break;
  }
  show(played, folder, terminal);
  return WORST_FIRST.find((code) => exitCodes.includes(code)) ?? EXIT.asExpected;
}

const folderName = ({ name }: Column): string => name.replace(/[^\w.+-]+/g, '-');

function show(played: readonly MatrixColumn[], folder: string, terminal: Terminal): void {
  if (played.length === 0) return;
  const matrix = matrixOf(played);
  const written = writeFiles(folder, {
    'matrix.md': matrixMarkdown(matrix),
    'scoreboard.html': scoreboardHtml(scoreboardOf(played.map(({ run }) => run))),
  });
  terminal.print(`\n${matrixText(matrix)}${written.map((path) => `${path}\n`).join('')}`);
}
