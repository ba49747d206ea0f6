/**
 * The worked example of guides/bisect.md: a small history of virtio-iommu.c in which one commit leaves UNMAP in the ring, and
 * another cannot be built. `git bisect run` has to find the first of them. Exits 0 if it does.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { SUITE } from '../harness/drivers/linux-guest/apt-configuration.ts';
import { cachePath } from '../harness/drivers/linux-guest/cache-folder.ts';
import { debianKernel } from '../harness/drivers/linux-guest/debian-kernel.ts';
import { makeTemporaryFolder } from '../harness/temporary-folder.ts';
import { buildTree } from './linux-mutants/build-tree.ts';
import { driverSource } from './linux-mutants/driver-source.ts';
import { type Edit, withEdits } from './linux-mutants/edits.ts';
import { REQUEST_MUTANTS } from './linux-mutants/request-mutants.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const PLANTED = 'iommu/virtio: Do not sync for empty gathers';
const mutant = REQUEST_MUTANTS.find(({ name }) => name === 'sync-only-for-full-gathers');

const remark = (about: string): Edit => ({
  find: '#include <linux/delay.h>',
  replace: `/* ${about} */\n#include <linux/delay.h>`,
});

/** Subjects of the commits and what each changes in the source as the one before left it. */
const HISTORY: readonly { readonly subject: string; readonly edits: readonly Edit[] }[] = [
  { subject: 'iommu/virtio: As released', edits: [] },
  { subject: 'iommu/virtio: Say what is included', edits: [remark('The bus')] },
  { subject: 'iommu/virtio: Say more', edits: [remark('And')] },
  {
    subject: 'iommu/virtio: Forget a semicolon',
    edits: [{ in: 'viommu_iotlb_sync', find: '(domain);', replace: '(domain)' }],
  },
  { subject: 'iommu/virtio: Put it back', edits: [] },
  { subject: PLANTED, edits: mutant?.edits ?? [] },
  { subject: 'iommu/virtio: Say even more', edits: [remark('Well')] },
];

async function git(folder: string, ...words: readonly string[]): Promise<string> {
  const env = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  const author = ['-c', 'user.name=Nobody', '-c', 'user.email=nobody@example.org'];
  return (await execa('git', [...author, ...words], { cwd: folder, env })).stdout;
}

/** Commits the history in `folder`; the source of a commit with edits that do not build is not built upon. */
async function commitHistory(folder: string, released: string): Promise<void> {
  await git(folder, 'init', '--quiet');
  const file = join(folder, 'drivers/iommu/virtio-iommu.c');
  await mkdir(join(folder, 'drivers/iommu'), { recursive: true });
  let text = released;
  for (const { subject, edits } of HISTORY) {
    const changed = withEdits(text, edits, subject);
    await writeFile(file, changed);
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '--allow-empty', '-m', subject);
    if (!subject.includes('semicolon')) text = changed;
  }
}

async function example(folder: string): Promise<boolean> {
  const { release } = await debianKernel(SUITE, cachePath(), say);
  const { text } = await driverSource(undefined, await buildTree(release, cachePath(), say));
  const repository = join(folder, 'linux');
  await mkdir(repository);
  await commitHistory(repository, text);
  await git(repository, 'bisect', 'start', 'HEAD', `HEAD~${HISTORY.length - 1}`);
  const asked = '--case dma/after-unmap:one-page --requirement platform/free/unmapped-when-freed';
  const step = `npm run --silent --prefix '${ROOT}' linux-module -- --source "$PWD" --bisect ${asked} --out '${folder}/step'`;
  say(`git bisect run sh -c '${step}'`);
  await execa('git', ['bisect', 'run', 'sh', '-c', step], { cwd: repository, stdio: 'inherit', reject: false });
  const found = await git(repository, 'log', '-1', '--format=%s', 'refs/bisect/bad');
  say(`\n${await git(repository, 'bisect', 'log')}\n\nThe first bad commit: ${found}`);
  return found === PLANTED;
}

const temporary = await makeTemporaryFolder();
try {
  process.exitCode = (await example(temporary.path)) ? 0 : 1;
} finally {
  await temporary.remove();
}
