/** The guest agent, compiled on this machine from the C sources beside this file. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { EXIT, HarnessError } from '../../harness-error.ts';
import { packageFile } from '../../package-files.ts';
import { agentCompiler } from './agent-compiler.ts';
import type { PackageSource } from './apt-configuration.ts';
import { type Architecture, ARCHITECTURES } from './architecture.ts';
import { cachedPart, type Progress } from './cache-folder.ts';

const FLAGS = ['-std=gnu11', '-static', '-O1', '-s', '-Wall'];

async function sources(): Promise<{ folder: string; names: string[] }> {
  const folder = packageFile('harness/drivers/linux-guest/agent');
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes('init.c')) return { folder, names: names.filter((name) => /\.[ch]$/.test(name)).toSorted() };
  throw new HarnessError('The sources of the guest agent are not there.', { hint: 'Install the package again.' });
}

/**
 * The static agent for a guest of the source's architecture as bytes, compiled unless the cache has it.
 * Throws a `HarnessError` if there is no compiler or no static C library.
 */
export async function agentProgram(
  source: PackageSource,
  cache: string,
  progress: Progress,
  env = process.env,
): Promise<Buffer> {
  const { architecture = 'amd64' } = source;
  const compiler = await agentCompiler(source, cache, progress, env);
  const { folder, names } = await sources();
  const hash = createHash('sha256').update([compiler.command, ...FLAGS].join(' '));
  for (const name of names) hash.update(name).update(await readFile(join(folder, name)));
  const files = names.filter((name) => name.endsWith('.c')).map((name) => join(folder, name));
  const made = await cachedPart(
    cache,
    {
      name: architecture === 'amd64' ? 'agent' : `agent-${architecture}`,
      recipe: hash.digest('hex'),
      neededMiB: 10,
      make: async (into) => {
        progress('compiling the guest agent');
        const { command, args, env } = compiler;
        const words = [...args, ...FLAGS, '-o', join(into, 'init'), ...files];
        const result = await execa(command, words, { reject: false, env });
        if (!result.failed) return;
        throw compileFailure(architecture, { command, missing: result.exitCode === undefined, says: result.stderr });
      },
    },
    progress,
  );
  return readFile(join(made, 'init'));
}

/** What to say when the compiler does not do its work; `missing` if it could not be started. */
export function compileFailure(
  architecture: Architecture,
  { command, missing, says }: { readonly command: string; readonly missing: boolean; readonly says: string },
): HarnessError {
  const sentence = missing
    ? `The guest agent has to be compiled, and there is no C compiler called ${command}.`
    : /cannot find -lc|cannot find -l:?libc\.a/.test(says)
      ? 'The guest agent has to be linked statically, and there is no static C library.'
      : `The guest agent cannot be compiled: ${says.trim().split('\n')[0] ?? 'the compiler does not say why'}.`;
  return new HarnessError(sentence, {
    exitCode: EXIT.driverDidNotStart,
    hint: ARCHITECTURES[architecture].compiler.hint,
  });
}
