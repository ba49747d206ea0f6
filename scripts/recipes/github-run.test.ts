/** The scripts of the action and the recipes are run, in the order of a job, with the real program in front of the sample driver. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execaSync } from 'execa';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const Steps = z.array(z.object({ name: z.string().optional(), run: z.string().optional() }));
const Action = z.object({ runs: z.object({ steps: Steps }) });
const Workflow = z.object({ jobs: z.record(z.string(), z.object({ steps: Steps })) });

const score = scriptOf(Action.parse(parse(readFileSync('action.yml', 'utf8'))).runs.steps, 'Score the driver');
const pullRequest = Workflow.parse(parse(readFileSync('recipes/github-pull-request.yml', 'utf8'))).jobs['score'];
const setAside = scriptOf(pullRequest?.steps ?? [], 'Set the log of main aside');

function scriptOf(steps: z.infer<typeof Steps>, name: string): string {
  const script = steps.find((step) => step.name === name)?.run;
  if (script === undefined) throw new Error(`no step ${name}`);
  return script;
}

const scratch = mkdtempSync(join(tmpdir(), 'viommuspec-github-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** `node …/main.js` is the program from its sources, so that no build has to be there. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const main = resolve('harness/cli/main.ts');
writeFileSync(
  join(scratch, 'node'),
  `#!/bin/sh\nshift\nexec '${process.execPath}' --import '${tsx}' '${main}' "$@"\n`,
  {
    mode: 0o755,
  },
);
const summary = join(scratch, 'summary.md');

function runScript(script: string, env: Readonly<Record<string, string>>) {
  writeFileSync(summary, '');
  const { exitCode, stdout, stderr } = execaSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: scratch,
    env: {
      ...env,
      PATH: `${scratch}:${process.env['PATH']}`,
      GITHUB_ACTION_PATH: '/action',
      GITHUB_OUTPUT: join(scratch, 'outputs'),
      GITHUB_STEP_SUMMARY: summary,
    },
    reject: false,
  });
  return { exitCode, stdout, stderr, summary: readFileSync(summary, 'utf8') };
}

const scored = (words: string, baseline: string) =>
  runScript(score, {
    DRIVER: 'sample',
    ARGUMENTS: `--case dma/after-unmap ${words}`,
    OUT: 'viommuspec-report',
    MIRROR: '',
    BASELINE: baseline,
  });

test('a push to main leaves its log, and a pull request is held against it', () => {
  const first = scored('', 'baseline/results.ndjson');
  expect([first.exitCode, first.stderr]).toEqual([0, expect.any(String)]);
  expect(first.summary).not.toContain('Before: ');
  expect(runScript(setAside, {}).exitCode).toBe(0);
  expect(existsSync(join(scratch, 'baseline/results.ndjson'))).toBe(true);

  const worse = scored('--fault unmap-never-sent', 'baseline/results.ndjson');
  expect(worse.exitCode).toBe(1);
  expect(worse.stdout).toMatch(
    /^::error title=virtio-iommu platform rule%2C DMA lifetime platform\/free\/unmapped-when-freed::/m,
  );
  expect(worse.summary).toMatch(/sample 1[^]*Before: /);
  expect(readFileSync(join(scratch, 'viommuspec-report/comparison/comparison.md'), 'utf8')).toContain('after-unmap');
}, 120_000);

test('what main breaks as well fails no pull request', () => {
  scored('--fault unmap-never-sent', '');
  runScript(setAside, {});
  const same = scored('--fault unmap-never-sent', 'baseline/results.ndjson');
  expect(same.exitCode).toBe(0);
}, 120_000);
