/** Every recipe is read by what reads it in the end, or by the nearest thing that there is as a package. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { Job } from 'kubernetes-models/batch/v1';
import { PersistentVolumeClaim } from 'kubernetes-models/v1';
import { beforeAll, describe, expect, test } from 'vitest';
import { Language, Parser } from 'web-tree-sitter';
import { parse, parseAllDocuments } from 'yaml';
import { type GithubParser, githubParser } from './github-parser.ts';

const recipe = (name: string): string => readFileSync(join('recipes', name), 'utf8');

describe('for GitHub Actions', () => {
  const workflow = recipe('github-workflow.yml');
  const action = readFileSync('action.yml', 'utf8');
  let github: GithubParser;
  beforeAll(async () => {
    github = await githubParser();
  });

  test("the workflow is taken by GitHub's own parser, which finds planted mistakes", async () => {
    expect(await github.workflowErrors(workflow)).toEqual([]);
    for (const [right, wrong] of [
      ['fail-fast', 'fail-fsat'],
      ['matrix.', 'matrx.'],
      ['needs: shard', 'needs: shrad'],
    ] as const) {
      const [error] = await github.workflowErrors(workflow.replace(right, wrong));
      expect(error).toContain(wrong.replace(/needs: |\./, ''));
    }
  });

  test("the workflow that explores is taken by GitHub's own parser", async () => {
    const exploring = recipe('github-explore.yml');
    expect(await github.workflowErrors(exploring)).toEqual([]);
    expect(await github.workflowErrors(exploring.replace('container:', 'contaner:'))).not.toEqual([]);
  });

  test("the workflow for pull requests and the project's own are taken by GitHub's own parser", async () => {
    const compared = recipe('github-pull-request.yml');
    expect(await github.workflowErrors(compared)).toEqual([]);
    expect(await github.workflowErrors(compared.replace('github.event_name', 'githb.event_name'))).not.toEqual([]);
    expect(await github.workflowErrors(readFileSync('.github/workflows/ci.yml', 'utf8'))).toEqual([]);
  });

  test("the action is taken by GitHub's own parser, which finds planted mistakes", () => {
    expect(github.actionErrors(action)).toEqual([]);
    expect(github.actionErrors(action.replace('shell: bash', 'shel: bash'))).not.toEqual([]);
    expect(github.actionErrors(action.replace('inputs.driver', 'input.driver'))).not.toEqual([]);
  });

  test('the workflows give the action inputs that it has', () => {
    const { inputs } = parse(action) as { inputs: Record<string, unknown> };
    type Jobs = Record<string, { steps: { uses?: string; with?: object }[] }>;
    const all = [workflow, recipe('github-pull-request.yml')].map((source) => (parse(source) as { jobs: Jobs }).jobs);
    const given = all
      .flatMap((jobs) => Object.values(jobs))
      .flatMap(({ steps }) =>
        steps.filter(({ uses }) => uses?.includes('viommuspec')).flatMap((step) => Object.keys(step.with ?? {})),
      );
    expect(given.length).toBeGreaterThan(0);
    expect(given.filter((name) => !Object.hasOwn(inputs, name))).toEqual([]);
  });
});

interface Steps {
  readonly steps: readonly { readonly name?: string; readonly run?: string }[];
}

/** Runs the script of a named step as GitHub does, with programs of ours in place of npm, npx and node. */
function runStep({ steps }: Steps, name: string, env: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-step-'));
  try {
    const outputs = join(folder, 'outputs');
    const program = '#!/bin/sh\necho "$0 $* mirror=$VIOMMUSPEC_MIRROR"\nexit "$STATUS"\n';
    for (const word of ['npm', 'npx', 'node']) writeFileSync(join(folder, word), program, { mode: 0o755 });
    writeFileSync(outputs, '');
    const script = steps.find((step) => step.name === name)?.run ?? 'no such step';
    const { exitCode, stdout } = execaSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
      cwd: folder,
      env: {
        ...env,
        PATH: `${folder}:${process.env['PATH']}`,
        GITHUB_OUTPUT: outputs,
        GITHUB_ACTION_PATH: process.cwd(),
      },
      reject: false,
    });
    return { exitCode, stdout, outputs: readFileSync(outputs, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('the scripts for GitHub Actions', () => {
  const action = parse(readFileSync('action.yml', 'utf8')) as { runs: Steps };
  const workflow = parse(recipe('github-workflow.yml')) as { jobs: Record<'shard' | 'report', Steps> };
  const inputs = { DRIVER: 'linux', ARGUMENTS: '--shard 1/3', OUT: 'out', MIRROR: '' };

  test.each(['0', '1', '4'])('score the driver, and end as that does: %s', (status) => {
    const { exitCode, stdout, outputs } = runStep(action.runs, 'Score the driver', { ...inputs, STATUS: status });
    expect(exitCode).toBe(Number(status));
    expect(stdout).toContain('--driver linux --out out --format html');
    expect(stdout).toContain('--shard 1/3');
    expect(outputs).toBe(`status=${status}\n`);
  });

  test('hand on the mirror that the workflow names', () => {
    const named = { ...inputs, MIRROR: 'http://m.test/debian', STATUS: '0' };
    expect(runStep(action.runs, 'Score the driver', named).stdout).toContain('mirror=http://m.test/debian');
  });

  test('keep QEMU and the kernel by what the tool makes of them', () => {
    const { stdout, outputs } = runStep(action.runs, 'Install viommuspec', { STATUS: '0' });
    expect(stdout).toContain(`npm ci --prefix ${process.cwd()}`);
    expect(outputs).toMatch(/^recipes=[0-9a-f]{64}\n$/);
  });

  test('end with 6 where shards are missing, even if nothing was there to be reported', () => {
    expect(runStep(workflow.jobs.report, 'Merge', { STATUS: '6' }).exitCode).toBe(6);
  });
});

test('what boots Linux for GitHub and GitLab does so in the same image of Debian', () => {
  const { jobs } = parse(recipe('github-workflow.yml')) as { jobs: { shard: { container: string } } };
  const gitlab = parse(recipe('gitlab-ci.yml')) as { '.viommuspec': { image: string } };
  expect(recipe('github-pull-request.yml')).toContain(`container: ${jobs.shard.container}`);
  expect(jobs.shard.container).toMatch(/^node:\d+-(bookworm|trixie)$/);
  expect(gitlab['.viommuspec'].image).toBe(jobs.shard.container);
  expect(recipe('kubernetes-job.yaml')).toContain(jobs.shard.container);
});

/** A dry run of a pipeline of GitLab: its schema, and the jobs that it would have. */
function dryRun(source: string): { failed: boolean; says: string } {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-gitlab-'));
  try {
    writeFileSync(join(folder, '.gitlab-ci.yml'), source);
    execaSync('git', ['init', '--quiet', folder]);
    const options = { cwd: folder, preferLocal: true, localDir: process.cwd(), reject: false, all: true } as const;
    const { failed, all } = execaSync('gitlab-ci-local', ['--list'], options);
    return { failed, says: all };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('for GitLab', () => {
  const pipeline = recipe('gitlab-ci.yml');

  test('a dry run has three shards and a report', () => {
    const { failed, says } = dryRun(pipeline);
    expect(says).toMatch(/shard: \[1\/3\].*\n.*shard: \[2\/3\].*\n.*shard: \[3\/3\].*\nreport .* always/);
    expect(failed).toBe(false);
  });

  test.each([
    ['allow_failure', 'alow_failure'],
    ['stage: score', 'stage: scores'],
  ])('the dry run finds a planted mistake: %s written as %s', (right, wrong) => {
    const { failed, says } = dryRun(pipeline.replace(right, wrong));
    expect(failed).toBe(true);
    expect(says).toContain(wrong.replace('stage: ', ''));
  });
});

describe('for Kubernetes', () => {
  type Manifest = NonNullable<ConstructorParameters<typeof Job>[0]> & { readonly kind: string };
  const manifestsIn = (source: string): Manifest[] => parseAllDocuments(source).map((it) => it.toJS() as Manifest);
  const manifests = manifestsIn(recipe('kubernetes-job.yaml'));
  const check = (manifest: Manifest): void =>
    (manifest.kind === 'Job' ? new Job(manifest) : new PersistentVolumeClaim(manifest)).validate();

  test('every manifest fits the schema of its kind, which finds planted mistakes', () => {
    expect(manifests.map(({ kind }) => kind)).toEqual(['PersistentVolumeClaim', 'Job', 'Job']);
    for (const manifest of manifests) expect(() => check(manifest)).not.toThrow();
    for (const [right, wrong] of [
      ['completions: 5', 'completions: five'],
      ['template:', 'templates:'],
    ] as const) {
      const [, job] = manifestsIn(recipe('kubernetes-job.yaml').replace(right, wrong));
      expect(() => check(job!)).toThrow(/spec/);
    }
  });
});

describe('for Jenkins', () => {
  const pipeline = recipe('Jenkinsfile');
  let parser: Parser;
  beforeAll(async () => {
    await Parser.init();
    parser = new Parser();
    const grammar = createRequire(import.meta.url).resolve('tree-sitter-groovy/tree-sitter-groovy.wasm');
    parser.setLanguage(await Language.load(readFileSync(grammar)));
  });
  const isGroovy = (source: string): boolean => parser.parse(source)?.rootNode.hasError === false;

  test('the pipeline is Groovy, and would not be with a bracket or a quote too few', () => {
    expect(isGroovy(pipeline)).toBe(true);
    expect(isGroovy(pipeline.replace('stages {', 'stages'))).toBe(false);
    expect(isGroovy(pipeline.replace("stage('Score'", "stage('Score"))).toBe(false);
  });

  test('a declarative pipeline has the sections that Jenkins asks for', () => {
    const sections = [...pipeline.matchAll(/^ {2}(\w+)\b/gm)].map(([, name]) => name);
    expect(sections).toEqual(['agent', 'parameters', 'stages', 'post']);
  });
});

/** Runs `script` with programs of ours in place of those that are named, each with the shell text of what it does. */
function runWith(
  programs: Readonly<Record<string, string>>,
  script: string,
  files: Readonly<Record<string, string>> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-lab-'));
  try {
    for (const [name, does] of Object.entries(programs))
      writeFileSync(join(folder, name), `#!/bin/sh\n${does}\n`, { mode: 0o755 });
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    const env = { PATH: `${folder}:${process.env['PATH']}` };
    return execaSync('bash', ['-c', script], { cwd: folder, env, reject: false });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('for LAVA', () => {
  interface Step {
    readonly test?: {
      readonly definitions: readonly { readonly repository: { readonly run: { readonly steps: readonly string[] } } }[];
    };
  }
  const job = parse(recipe('lava-job.yaml')) as { actions: readonly Step[] };
  const steps = job.actions.flatMap(({ test: it }) => it?.definitions[0]?.repository.run.steps ?? []);

  test('deploys, boots and tests', () => {
    expect(job.actions.flatMap(Object.keys)).toEqual(['deploy', 'boot', 'test']);
  });

  test('makes a test case of each variant, and one of the run', () => {
    const ktap =
      'KTAP version 1\n1..1\n  not ok 1 dma/a:x\n  ok 2 map/b\n  ok 3 map/c # SKIP why\n  # ok 4 none\nnot ok 1 dma\n';
    const programs = { git: '', npm: '', npx: 'exit 1', 'lava-test-case': 'echo "$*"' };
    const { stdout } = runWith(programs, steps.join('\n'), { 'report/results.ktap': ktap });
    expect(stdout.split('\n')).toEqual([
      'viommuspec --result fail',
      'dma.a_x --result fail',
      'map.b --result pass',
      'map.c --result skip',
    ]);
  });
});

describe('for a pull lab', () => {
  const script = recipe('pull-lab.sh');
  const run = (definition: unknown) =>
    runWith(
      { curl: `cat <<'END'\n${JSON.stringify(definition)}\nEND`, git: '', npm: '', npx: 'echo "$*"; exit 1' },
      `set -- https://lab.test/job.json maestro:67c1e9\n${script}`,
    );

  test('gives image and modules of the job by their addresses, and ends as the run does', () => {
    const { stdout, exitCode } = run({
      artifacts: { kernel: 'https://k.test/bzImage', modules: 'https://k.test/modules.tar.xz' },
    });
    expect(stdout).toContain(
      'run --kernel https://k.test/bzImage --modules https://k.test/modules.tar.xz --out pull-lab-report',
    );
    expect(stdout).toContain('--format kcidb --format html --kcidb-origin mylab --kcidb-build maestro:67c1e9');
    expect(exitCode).toBe(1);
  });

  test.each([{}, { artifacts: { kernel: 'https://k.test/bzImage' } }, { artifacts: { kernel: '--help', modules: 7 } }])(
    'runs nothing for a job without them: %j',
    (definition) => {
      const { stdout, exitCode } = run(definition);
      expect(stdout).toBe('');
      expect(exitCode).not.toBe(0);
    },
  );
});

describe('what has to be replaced', () => {
  const PLACEHOLDERS = {
    'github-workflow.yml': 'your-organisation/viommuspec',
    'gitlab-ci.yml': 'https://example.org/viommuspec.git',
    Jenkinsfile: 'https://example.org/viommuspec.git',
    'lava-job.yaml': 'https://example.org/viommuspec.git',
    'pull-lab.sh': 'https://example.org/viommuspec.git',
    'kubernetes-job.yaml': 'registry.example/viommuspec:latest',
  };

  test.each(Object.entries(PLACEHOLDERS))('%s says so in its first lines', (name, placeholder) => {
    const [head = ''] = recipe(name).split(/\n(?!#|\/\/)/);
    expect(head).toMatch(/REPLACE/);
    expect(head).toContain(placeholder);
    expect(recipe('README.md')).toContain(`\`${placeholder}\``);
  });
});
