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
