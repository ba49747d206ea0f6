/** The C compiler for the guest agent: the user's, one of this machine, or for another architecture Debian's from the mirror. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { type PackageSource, SUITE } from './apt-configuration.ts';
import { ARCHITECTURES } from './architecture.ts';
import { cachedPart, type Progress } from './cache-folder.ts';
import { openApt, unpackPackages } from './debian-packages.ts';
import { libraryPath, ownRelease, removeLibc } from './own-release.ts';

export interface Compiler {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const CROSS_PACKAGES = ['gcc-aarch64-linux-gnu', 'libc6-dev-arm64-cross'];
const TRIPLET = 'aarch64-linux-gnu';

const plain = (command: string): Compiler => ({ command, args: [], env: {} });

/** Throws a `HarnessError` if one has to be obtained and cannot be. */
export async function agentCompiler(
  { architecture = 'amd64', mirror }: PackageSource,
  cache: string,
  progress: Progress,
  env: NodeJS.ProcessEnv,
): Promise<Compiler> {
  const { variable, command } = ARCHITECTURES[architecture].compiler;
  const chosen = env[variable];
  if (chosen !== undefined) return plain(chosen);
  return architecture === 'amd64' || (await starts(command))
    ? plain(command)
    : debianCrossCompiler(cache, progress, mirror);
}

const starts = async (command: string): Promise<boolean> =>
  !(await execa(command, ['--version'], { reject: false, stdin: 'ignore' })).failed;

/** A compiler starts its own parts and a linker, so it is of this machine's own release. */
async function debianCrossCompiler(cache: string, progress: Progress, mirror: string | undefined): Promise<Compiler> {
  const suite = await ownRelease();
  const folder = await cachedPart(
    cache,
    {
      name: 'debian-cross-compiler-arm64',
      recipe: `${CROSS_PACKAGES.join(' + ')} of ${suite ?? SUITE}, 1`,
      neededMiB: 500,
      fetches: 'The compiler for arm64',
      make: async (folder) => {
        const apt = await openApt(join(folder, 'apt'), 'a compiler for arm64', progress, { suite, mirror });
        progress('downloading a C compiler for arm64 (about 50 MB)');
        await unpackPackages(await apt.download(CROSS_PACKAGES), join(folder, 'root'));
        await removeLibc(join(folder, 'root'));
        await rm(join(folder, 'apt'), { recursive: true, force: true });
      },
    },
    progress,
  );
  return crossCompilerIn(join(folder, 'root'));
}

/** The compiler below `root`, told where it has its headers and libraries: it is made for those of an installed system. */
export function crossCompilerIn(root: string): Compiler {
  const target = join(root, 'usr', TRIPLET);
  return {
    command: join(root, 'usr/bin', `${TRIPLET}-gcc`),
    args: ['-isystem', join(target, 'include'), `-B${join(target, 'lib')}`, `-L${join(target, 'lib')}`],
    env: libraryPath(root),
  };
}
