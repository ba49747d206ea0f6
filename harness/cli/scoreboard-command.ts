/** `viommuspec scoreboard`: one page of many logs. */
import { scoreboardHtml } from '../../reports/scoreboard/scoreboard-html.ts';
import { scoreboardMarkdown } from '../../reports/scoreboard/scoreboard-markdown.ts';
import { scoreboardOf } from '../../reports/scoreboard/scoreboard.ts';
import { EXIT, type ExitCode, HarnessError } from '../harness-error.ts';
import { readLog } from './given-log.ts';
import type { Given } from './options.ts';
import { DEFAULT_FOLDER, inFolder } from './output-folder.ts';
import type { Terminal } from './terminal.ts';

/** Writes `scoreboard.html` and `scoreboard.md`. A page about runs is no judgement of them: 0 however they went. */
export async function scoreboardCommand(given: Given, terminal: Terminal): Promise<ExitCode> {
  if (given.words.length === 0) {
    throw new HarnessError('scoreboard needs the logs of the runs to show.', { exitCode: EXIT.usage });
  }
  const board = scoreboardOf(given.words.map(readLog));
  const written = await inFolder(given.text('out') ?? DEFAULT_FOLDER, (folder) =>
    folder.write({ 'scoreboard.html': scoreboardHtml(board), 'scoreboard.md': scoreboardMarkdown(board) }),
  );
  terminal.print(written.map((path) => `${path}\n`).join(''));
  return EXIT.asExpected;
}
