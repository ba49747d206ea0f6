/**
 * Shows that no verdict depends on how fast anything is: a driver is scored undisturbed, then again while the driver, and
 * once more while the harness, is stopped at random moments and let go on; nothing may change.
 *
 *     npm run pauses
 *     npm run pauses -- --driver harness/drivers/shim/c/example/manifest.json --case 'operations/*' --seed 7
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../harness/runner/random.ts';
import { CHANGES } from '../reports/comparison.ts';
import { childrenOf, offspring } from './offspring.ts';

const TOOL = 'dist/harness/cli/main.js';

/** Milliseconds for which the stopped one runs between two stops, and for which it is stopped. */
const RUNS_MS = [1, 3, 10, 30, 100];
const STOPS_MS = [1, 5, 20, 50, 100, 300];

/** What a shell calls the end by SIGINT. */
const INTERRUPTED = 130;

type Victim = 'nobody' | 'the driver' | 'the harness';

/** The processes of `victim`: the harness plays in children, and what they have started is the driver. */
function processesOf(victim: Victim, run: number): number[] {
  const jobs = childrenOf(run);
  return victim === 'the harness' ? [run, ...jobs] : jobs.flatMap(offspring);
}

function signal(pids: readonly number[], name: 'SIGSTOP' | 'SIGCONT'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  }
}

/** Set by SIGINT or SIGTERM; from then on nothing is stopped any more, or it would stay so. */
let isInterrupted = false;

/** Stops and continues until `run` has ended. How often it stopped anything. */
async function disturb(run: ChildProcess, victim: Victim, random: SeededRandom): Promise<number> {
  const drawn = (from: readonly number[]): number => from[random.next() % from.length]!;
  let stops = 0;
  while (run.exitCode === null && run.signalCode === null && run.pid !== undefined) {
    await after(drawn(RUNS_MS));
    if (victim === 'nobody' || isInterrupted) continue;
    const pids = processesOf(victim, run.pid);
    signal(pids, 'SIGSTOP');
    await after(drawn(STOPS_MS));
    signal(pids, 'SIGCONT');
    if (pids.length > 0) stops++;
  }
  return stops;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      driver: { type: 'string', default: 'linux' },
      case: { type: 'string', multiple: true, default: [] },
      seed: { type: 'string', default: '1' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-pauses-'));
  const log = (round: number): string => join(folder, String(round), 'results.ndjson');
  try {
    let worst = 0;
    for (const [round, victim] of (['nobody', 'the driver', 'the harness'] as const).entries()) {
      const cases = values.case.flatMap((glob) => ['--case', glob]);
      const words = ['run', '--driver', values.driver, ...cases, '--out', join(folder, String(round))];
      process.stdout.write(`\nRound ${round + 1} of 3: ${victim} is stopped now and then.\n`);
      const run = spawn('node', [TOOL, ...words], { stdio: ['ignore', 'ignore', 'inherit'] });
      const giveUp = (): void => {
        isInterrupted = true;
        run.kill('SIGINT');
      };
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, giveUp);
      const stops = await disturb(run, victim, new SeededRandom(Number(values.seed) + round));
      for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, giveUp);
      if (isInterrupted) return INTERRUPTED;
      process.stdout.write(`Stopped ${stops} times; the run ended with exit code ${run.exitCode}.\n`);
      if (round === 0) continue;
      const fails = CHANGES.flatMap((change) => ['--fail-on', change]);
      const compared = spawnSync('node', [TOOL, 'compare', log(0), log(round), ...fails], { stdio: 'inherit' });
      worst = Math.max(worst, compared.status ?? 1);
    }
    return worst;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
