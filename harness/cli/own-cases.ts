/** Cases and drafts of requirements from a folder of the user's, compiled on the fly. */
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildFailure, Plugin } from 'esbuild';
import { z } from 'zod';
import type { Case } from '../../cases/api/define-case.ts';
import type { Drafts } from '../../cases/api/define-drafts.ts';
import { addCases } from '../../cases/catalogue.ts';
import { addDrafts, requirement } from '../../cases/requirements/index.ts';
import { plainly } from '../../reports/words/schema-words.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import { entryModule } from '../package-files.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';
import type { Given } from './options.ts';

/** What cases import from this package. */
const API = 'viommuspec/cases';

/** Beside the cases: the requirements that stand in no table of this package. */
export const DRAFTS = 'drafts.ts';

const CASE_ENDING = '.case.ts';

/** Files of cases, by id. */
const FILES = new Map<string, string>();

/** The file of a case that was taken in, by its id; undefined for any other. */
export const fileOfOwnCase = (id: string): string | undefined => FILES.get(id);

/** Takes in what `--cases` names, if it was given. Rejects with a `HarnessError` that says file and line of what is wrong. */
export async function takeInCases(given: Given): Promise<void> {
  const folder = given.text('cases');
  if (folder === undefined || FILES.size > 0) return;
  const paths = filesIn(folder);
  if (paths.length === 0) throw refusal(`${folder} holds no case: no file in it ends in ${CASE_ENDING}.`);
  const drafts = join(folder, DRAFTS);
  const hasDrafts = existsSync(drafts);
  const values = await defaultExports(hasDrafts ? [drafts, ...paths] : paths);
  const rows = hasDrafts ? draftsIn(drafts, values.shift()) : {};
  const cases = values.map((value, index) => caseIn(paths[index] ?? folder, value));
  for (const path of paths) FILES.set(idOf(folder, path), path);
  addDrafts(rows);
  addCases(cases);
}

const idOf = (folder: string, path: string): string =>
  relative(folder, path).slice(0, -CASE_ENDING.length).split(sep).join('/');

function filesIn(folder: string): string[] {
  try {
    if (!statSync(folder).isDirectory()) throw refusal(`${folder} is no folder; --cases takes one.`);
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith(CASE_ENDING) && !name.split(sep).includes('node_modules'))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (cause) {
    if (cause instanceof HarnessError) throw cause;
    throw refusal(`--cases ${folder} cannot be read: ${reasonOf(cause)}.`);
  }
}

/** The default export of each file, which must not depend on anything but the API and files of its own. */
async function defaultExports(paths: readonly string[]): Promise<unknown[]> {
  const texts = await compiled(paths);
  const temporary = await makeTemporaryFolder();
  try {
    const values: unknown[] = [];
    for (const [index, text] of texts.entries()) {
      const module = join(temporary.path, `${index}.mjs`);
      writeFileSync(module, text);
      values.push(await defaultExport(module, paths[index] ?? ''));
    }
    return values;
  } finally {
    await temporary.remove();
  }
}

async function defaultExport(module: string, path: string): Promise<unknown> {
  try {
    const { default: value }: { readonly default?: unknown } = await import(pathToFileURL(module).href);
    return value;
  } catch (cause) {
    throw refusal(`${path} cannot be loaded: ${reasonOf(cause)}.`);
  }
}

/** As JavaScript, a module for each file. The API is that of the running program, wherever the folder lies. */
async function compiled(paths: readonly string[]): Promise<string[]> {
  const { build } = await import('esbuild');
  const api = entryModule('cases/api/index').href;
  const plugin: Plugin = {
    name: API,
    setup: (bundle) => bundle.onResolve({ filter: /^viommuspec\/cases$/ }, () => ({ path: api, external: true })),
  };
  try {
    const { outputFiles } = await build({
      entryPoints: [...paths],
      outdir: '.',
      entryNames: '[dir]/[name]',
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
      plugins: [plugin],
    });
    return outputFiles.map(({ text }) => text);
  } catch (cause) {
    throw refusal(firstError(cause as BuildFailure));
  }
}

function firstError({ errors = [] }: Partial<BuildFailure>): string {
  const [first] = errors;
  if (!first) return 'The cases cannot be compiled.';
  const { text, location } = first;
  return location ? `${location.file}:${location.line}: ${text}.` : `${text}.`;
}

const OwnCase = z.looseObject({
  id: z.string(),
  title: z.string(),
  demands: z.string(),
  variants: z.array(z.unknown()),
});

function caseIn(path: string, value: unknown): Case {
  const read = OwnCase.safeParse(value, { error: plainly });
  if (read.success) return value as Case;
  throw refusal(`${path} is no case: its default export has to be what defineCase gives.`);
}

const OwnDrafts = z.record(
  z.string().regex(/^draft\/[a-z0-9]+(?:[/-][a-z0-9]+)*$/),
  z.object({ keyword: z.string(), section: z.string(), since: z.literal('draft'), says: z.string().min(1) }),
);

function draftsIn(path: string, value: unknown): Drafts {
  const read = OwnDrafts.safeParse(value, { error: plainly });
  if (!read.success) {
    const [place = ''] = (read.error.issues[0]?.path ?? []).map(String);
    throw refusal(
      `${path}${place === '' ? '' : `, ${place}`}: expected what defineDrafts gives, with ids in lower-case words such as draft/map/read-only.`,
    );
  }
  const known = Object.keys(read.data).find((id) => requirement(id) !== undefined);
  if (known !== undefined) throw refusal(`${path}: there is a requirement '${known}' already.`);
  return value as Drafts;
}

const refusal = (sentence: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, hint: 'cases/WRITING.md shows a folder of cases.' });
