/** The guest agent, compiled on this machine from the C sources beside this file. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EXIT, HarnessError } from '../harness-error.ts';
import { packageFile } from '../package-files.ts';
import { cachedPart, type Progress } from './cache-folder.ts';

const FLAGS = ['-std=gnu11', '-static', '-O1', '-s', '-Wall'];
const HINT = 'Install a C compiler and the headers of libc and Linux (Debian: apt install gcc libc6-dev), or set CC.';

async function sources(): Promise<{ folder: string; names: string[] }> {
  const folder = packageFile('harness/linux-guest/agent');
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes('init.c')) return { folder, names: names.filter((name) => /\.[ch]$/.test(name)).toSorted() };
  throw new HarnessError('The sources of the guest agent are not there.', { hint: 'Install the package again.' });
}

/**
 * The static agent as bytes, compiled unless the cache has it.
 * Throws a `HarnessError` if there is no compiler or no static C library.
 */
export async function agentProgram(cache: string, progress: Progress, env = process.env): Promise<Buffer> {
  const compiler = env['CC'] ?? 'cc';
  const { folder, names } = await sources();
  const hash = createHash('sha256').update([compiler, ...FLAGS].join(' '));
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  const files = names.filter((name) => name.endsWith('.c')).map((name) => join(folder, name));
  const made = await cachedPart(
    cache,
    {
      name: 'agent',
      recipe: hash.digest('hex'),
      neededMiB: 10,
      make: async (into) => {
        progress('compiling the guest agent');
        const result = await execa(compiler, [...FLAGS, '-o', join(into, 'init'), ...files], { reject: false });
        if (result.failed) throw compileFailure(compiler, result.exitCode === undefined, result.stderr);
      },
    },
    progress,
  );
  return readFile(join(made, 'init'));
}

/** What to say when the compiler does not do its work; `missing` if it could not be started. */
export function compileFailure(compiler: string, missing: boolean, says: string): HarnessError {
  const sentence = missing
    ? `The guest agent has to be compiled, and there is no C compiler called ${compiler}.`
    : /cannot find -lc|cannot find -l:?libc\.a/.test(says)
      ? 'The guest agent has to be linked statically, and there is no static C library.'
      : `The guest agent cannot be compiled: ${says.trim().split('\n')[0] ?? 'the compiler does not say why'}.`;
  return new HarnessError(sentence, { exitCode: EXIT.driverDidNotStart, hint: HINT });
}
