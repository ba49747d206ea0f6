/** Names of variants as KCIDB wants them: words of letters, digits, `_` and `-`, with dots between. */
import { uniqueNames } from '../unique-names.ts';

/** The suite's own place in the tree of tests; that of the run as a whole. */
const SUITE = 'viommuspec';

/**
 * `viommuspec.dma.after-unmap.two-pages` for `dma/after-unmap:two-pages`, in the order of `ids`; the suite for an empty one.
 * The same variant has the same path in every run. Where two ids, which no catalogue has, would have one, the second gets a
 * number.
 */
export function testPaths(ids: readonly string[]): string[] {
  const uniqueName = uniqueNames((path, number) => `${path}_${number}`);
  return ids.map((id) => uniqueName([SUITE, ...wordsOf(id)].join('.')));
}

const WORD_MAX = 100;

const wordsOf = (id: string): string[] =>
  id === '' ? [] : id.split(/[/:]/).map((word) => word.slice(0, WORD_MAX).replace(/[^A-Za-z0-9_-]/g, '_') || '_');
