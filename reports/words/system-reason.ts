import { getSystemErrorMap } from 'node:util';

/**
 * Why something failed, as the end of a sentence: of the operating system's errors its own words, `permission denied`,
 * without the code, the call and the path that Node puts around them; of any other its message without a full stop.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [, words] = ('errno' in error && getSystemErrorMap().get(Number(error.errno))) || [];
  return words ?? error.message.replace(/\.$/, '');
}

/** What the machine refuses and the user can change. Anything else that a call answers is our own mistake. */
const OF_THE_MACHINE: ReadonlySet<unknown> = new Set([
  'EACCES',
  'EDQUOT',
  'EFBIG',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ENOSPC',
  'EPERM',
  'EROFS',
]);

/** `/tmp/x: no space left on device` for an error of the operating system that is no mistake of ours; undefined for others. */
export function machineTrouble(error: unknown): string | undefined {
  if (!(error instanceof Error && 'code' in error && OF_THE_MACHINE.has(error.code))) return undefined;
  const path = 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : '';
  return `${path}${reasonOf(error)}`;
}
