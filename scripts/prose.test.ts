/** Commands in guides, recipes and README are commands that there are, with options that they take. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { COMMANDS } from '../harness/cli/commands.ts';
import { readOptions } from '../harness/cli/options.ts';

const FILES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md', 'recipes', 'action.yml'], {
  encoding: 'utf8',
})
  .trimEnd()
  .split('\n')
  .filter((path) => !/^CHANGELOG|golden/.test(path) && existsSync(path));

/** `viommuspec run --case 'dma/*'` and `node …/main.js run …`, up to what ends a command in a shell or in prose. */
const COMMAND = /(?:npx viommuspec|harness\/cli\/main\.js"?) ([a-z-]+)((?: +(?:'[^']*'|"[^"]*"|[^\s'"`|&;#)]+))*)/g;

function commandsIn(path: string): string[][] {
  const text = readFileSync(path, 'utf8').replace(/\\\n\s*/g, '');
  return [...text.matchAll(COMMAND)].map(([, name = '', rest = '']) => [
    name,
    ...(rest.match(/'[^']*'|"[^"]*"|[^\s'"]+/g) ?? []).map((word) => word.replace(/^['"]|['"]$/g, '')),
  ]);
}

const COMMANDS_BY_FILE = FILES.flatMap((path) => commandsIn(path).map((words) => [path, words] as const));

describe('commands in prose', () => {
  it('are found', () => {
    expect(COMMANDS_BY_FILE.length).toBeGreaterThan(50);
  });

  it.each(COMMANDS_BY_FILE)('%s: %j', (_path, [name = '', ...rest]) => {
    const command = COMMANDS[name];
    expect(command).toBeDefined();
    if (command) readOptions(rest, command.options, name);
  });
});

it('README.md is a landing page: the guides have the rest', () => {
  expect(readFileSync('README.md', 'utf8').split('\n').length).toBeLessThanOrEqual(120);
});

describe('links in prose', () => {
  const links = FILES.filter((path) => path.endsWith('.md')).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(
      ([, target = '']) => [path, target] as const,
    ),
  );

  it.each(links)('of %s lead somewhere: %s', (path, target) => {
    expect(existsSync(join(dirname(path), target))).toBe(true);
  });
});

const LavaTest = z.object({
  definitions: z.array(z.object({ repository: z.object({ run: z.object({ steps: z.array(z.string()) }) }) })),
});

const Step = z.looseObject({ run: z.string().optional(), shell: z.string().optional() });
/** Every place in which the recipes hold a script of bash. */
const Scripted = z.looseObject({
  runs: z.looseObject({ steps: z.array(Step) }).optional(),
  jobs: z.record(z.string(), z.looseObject({ steps: z.array(Step) })).optional(),
  script: z.array(z.string()).optional(),
  spec: z
    .looseObject({
      template: z
        .looseObject({
          spec: z.looseObject({ containers: z.array(z.looseObject({ command: z.array(z.string()) })) }),
        })
        .optional(),
    })
    .optional(),
  actions: z.array(z.object({ test: LavaTest.optional() })).optional(),
});

function scriptsIn(path: string): string[] {
  const documents = parseAllDocuments(readFileSync(path, 'utf8'));
  for (const { errors } of documents) expect(errors).toEqual([]);
  return documents.flatMap((document) => {
    const whole = document.toJS() as Readonly<Record<string, unknown>>;
    const jobs = Object.values(whole).filter((value) => typeof value === 'object' && !Array.isArray(value));
    return [whole, ...jobs].flatMap((part) => {
      const { runs, jobs: inner, script, spec, actions = [] } = Scripted.catch({}).parse(part);
      const steps = [...(runs?.steps ?? []), ...Object.values(inner ?? {}).flatMap((job) => job.steps)];
      const containers = spec?.template?.spec.containers ?? [];
      return [
        ...steps.flatMap(({ run }) => run ?? []),
        ...(script ?? []),
        ...actions.flatMap(({ test }) => test?.definitions ?? []).flatMap(({ repository }) => repository.run.steps),
        ...containers.flatMap(({ command }) => command.at(-1) ?? []),
      ];
    });
  });
}

describe.each(FILES.filter((path) => /\.ya?ml$/.test(path)))('%s', (path) => {
  it('is YAML whose scripts a shell can read', () => {
    const scripts = scriptsIn(path);
    expect(scripts.length).toBeGreaterThan(0);
    // Expressions of a CI system are filled in before any shell sees them.
    for (const script of scripts) execFileSync('bash', ['-n'], { input: script.replace(/\$\{\{.*?\}\}/g, 'x') });
  });
});
