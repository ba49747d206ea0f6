/**
 * The project's own scoreboard: `npm run scoreboard` runs every driver of the table and writes SCOREBOARD.md and
 * guides/scoreboard.html. Words name the drivers to run anew, `none` that there are none; of the others the logs of the last
 * time are taken. `--jobs N` is for each run.
 * A driver that cannot be built or started here is left out with a notice.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readEventLog } from '../../reports/record/event-log.ts';
import { scoreboardHtml } from '../../reports/scoreboard/scoreboard-html.ts';
import { scoreboardMarkdown } from '../../reports/scoreboard/scoreboard-markdown.ts';
import { scoreboardOf } from '../../reports/scoreboard/scoreboard.ts';
import { type ScoredDriver, SCORED_DRIVERS } from './drivers.ts';

/** Where the logs stay for the next time. */
const LOGS = 'viommuspec-scoreboard';
const PAGE = 'guides/scoreboard.html';

const HEAD = `# Scoreboard

Made by \`npm run scoreboard\` from runs of stock kernels and of the examples in this repository; not written by hand.
[${PAGE}](${PAGE}) is the same as a page. What the columns mean is in the [README](README.md#how-to-read-a-score).
`;

const logOf = ({ name }: ScoredDriver): string => join(LOGS, name, 'results.ndjson');

/**
 * Exit codes with which a run leaves nothing to show (harness/harness-error.ts); how the others went is the scoreboard's
 * to say.
 */
const NOT_PLAYED: readonly (number | null)[] = [2, 3, 4, null];

const { positionals: words, values } = parseArgs({ allowPositionals: true, options: { jobs: { type: 'string' } } });
const jobs = values.jobs === undefined ? [] : ['--jobs', values.jobs];

/** Builds and plays the driver; whether there is a run of it now. */
function scored({ name, build, run }: ScoredDriver): boolean {
  const folder = join(LOGS, name);
  rmSync(folder, { recursive: true, force: true });
  const [program, ...words] = build ?? [];
  if (program !== undefined && spawnSync(program, words, { stdio: 'inherit' }).status !== 0) return false;
  const tool = ['dist/harness/cli/main.js', 'run', ...run, ...jobs, '--out', folder];
  return !NOT_PLAYED.includes(spawnSync('node', tool, { stdio: 'inherit' }).status);
}

const named = words.filter((word) => word !== 'none');
const strange = named.filter((name) => !SCORED_DRIVERS.some((driver) => driver.name === name));
if (strange.length > 0) {
  console.error(`There is no ${strange.join(', ')}; there are ${SCORED_DRIVERS.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const wanted = (driver: ScoredDriver): boolean => words.length === 0 || named.includes(driver.name);
const shown = SCORED_DRIVERS.filter((driver) => (wanted(driver) ? scored(driver) : existsSync(logOf(driver))));
for (const { name } of SCORED_DRIVERS.filter((driver) => !shown.includes(driver))) console.error(`LEFT OUT: ${name}`);

const board = scoreboardOf(shown.map((driver) => readEventLog(logOf(driver))));
writeFileSync('SCOREBOARD.md', `${HEAD}\n${scoreboardMarkdown(board)}`);
writeFileSync(PAGE, scoreboardHtml(board));
console.error(`SCOREBOARD.md and ${PAGE}: ${board.rows.length} runs.`);
