/** Fetches what tests need and this machine lacks, with progress on stderr. */
import { cachePath, OFFLINE_VARIABLE } from '../../harness/drivers/linux-guest/cache-folder.ts';
import { searchTools } from './search.ts';
import type { SearchResults } from './tool-names.ts';
import { testTools } from './tools.ts';

export const fetchTools = (): Promise<SearchResults> =>
  searchTools(testTools(cachePath(), (line) => process.stderr.write(`test tools: ${line}\n`)));

/** What `command` has to be given so that it gets what it could not fetch. */
export const fetchCommand = (command: string): string =>
  process.env[OFFLINE_VARIABLE] === '1'
    ? `${OFFLINE_VARIABLE}=0 ${command}`
    : `VIOMMUSPEC_MIRROR=<URL of a Debian mirror> ${command}`;
