/** What a word that stands alone may have been meant for. */
import { existsSync } from 'node:fs';
import { nearest } from '../../reports/words/nearest.ts';
import { quoted } from './drivers.ts';
import type { OptionName } from './options.ts';

/** `--case 'dma/*'` for `dma/*`; undefined if `word` looks like the value of none of `options`. */
export function optionMeantBy(word: string, options: readonly OptionName[]): string | undefined {
  if (options.includes('driver')) {
    const [driver] = nearest(word, ['linux', 'sample']);
    if (driver !== undefined) return `--driver ${driver}`;
    if (word.endsWith('.json') || existsSync(word)) return `--driver ${quoted(word)}`;
  }
  if (options.includes('case') && /[/*]/.test(word)) return `--case ${quoted(word)}`;
  return undefined;
}
