/**
 * Runs the scripts of action.yml one after the other as GitHub does, here and with the real program:
 *
 *     npm run action
 *     npm run action -- --driver sample
 *
 * What follows `--` are inputs of the action by their names; without any, Linux plays a few cases. `scripts/fresh-machine
 * --command action` does the same on a Debian that has nothing yet.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const Action = z.object({
  inputs: z.record(z.string(), z.object({ default: z.string() })),
  runs: z.object({
    steps: z.array(
      z.object({ name: z.string(), run: z.string().optional(), env: z.record(z.string(), z.string()).optional() }),
    ),
  }),
});

const { inputs, runs } = Action.parse(parse(readFileSync('action.yml', 'utf8')));
const given = new Map(Object.entries(inputs).map(([name, input]) => [name, input.default]));
given.set('arguments', '--quick --case dma/*');
const words = process.argv.slice(2);
for (let index = 0; index < words.length; index += 2)
  given.set(words[index]!.replace(/^--/, ''), words[index + 1] ?? '');

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-action-'));
const [outputs, summary] = ['outputs', 'summary.md'].map((name) => join(folder, name)) as [string, string];
for (const file of [outputs, summary]) writeFileSync(file, '');
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

for (const { name, run, env = {} } of runs.steps) {
  // Steps that use other actions need GitHub.
  if (run === undefined) continue;
  console.log(`== ${name}`);
  const values = Object.entries(env).map(([variable, text]) => [
    variable,
    text.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, input: string) => given.get(input) ?? ''),
  ]);
  const { status } = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...Object.fromEntries(values),
      GITHUB_ACTION_PATH: resolve('.'),
      GITHUB_OUTPUT: outputs,
      GITHUB_STEP_SUMMARY: summary,
    },
  });
  if (status !== 0) {
    console.log(`'${name}' ended with exit code ${status}.`);
    process.exit(1);
  }
}
const page = readFileSync(summary, 'utf8');
console.log(`== The page of the run\n${page}`);
process.exitCode = page === '' ? 1 : 0;
