/** Several runs one after the other, and what sets them apart. */
import { join } from 'node:path';
import { matrixMarkdown } from '../../reports/matrix/matrix-markdown.ts';
import { matrixText } from '../../reports/matrix/matrix-text.ts';
import { type MatrixColumn, matrixOf } from '../../reports/matrix/matrix.ts';
import { scoreboardHtml } from '../../reports/scoreboard/scoreboard-html.ts';
import { scoreboardOf } from '../../reports/scoreboard/scoreboard.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import type { Column } from './columns.ts';
import { inFolder, type OutputFolder } from './output-folder.ts';
import type { Terminal } from './terminal.ts';

/** Plays one column, and leaves its log and reports in a folder, even if it rejects. */
export type PlayColumn = (column: Column, folder: OutputFolder) => Promise<ExitCode>;

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
 * Plays every column into a folder of its own in `folder`, prints the matrix, and leaves it there as `matrix.md` and
 * `scoreboard.html`. A column that does not start stands in them with the reason; an interruption ends the rest.
 */
export async function playMatrix(
  columns: readonly Column[],
  folder: OutputFolder,
  play: PlayColumn,
  terminal: Terminal,
): Promise<ExitCode> {
  const runs: MatrixColumn[] = [];
  const exitCodes: ExitCode[] = [];
  for (const column of columns) {
    const { name } = column;
    terminal.note(`\n${name}`);
    await inFolder(join(folder.path, folderName(column)), async (own) => {
      try {
        exitCodes.push(await play(column, own));
      } catch (error) {
        if (!(error instanceof HarnessError)) throw error;
        terminal.note(`${name}: ${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`);
        exitCodes.push(error.exitCode);
      }
      runs.push({ name, run: own.log.record() });
    });
    if (exitCodes.includes(EXIT.interrupted)) break;
  }
  const matrix = matrixOf(runs);
  const written = folder.write({
    'matrix.md': matrixMarkdown(matrix),
    'scoreboard.html': scoreboardHtml(scoreboardOf(runs.map(({ run }) => run))),
  });
  terminal.print(`\n${matrixText(matrix)}${written.map((path) => `${path}\n`).join('')}`);
  return WORST_FIRST.find((code) => exitCodes.includes(code)) ?? EXIT.asExpected;
}

/** The folder of a column, in that of the whole run. */
export const folderName = ({ name }: Column): string => name.replace(/[^\w.+-]+/g, '-');
