/** Tells the tests which tools are there. Fetches nothing: that is what `npm run test-tools` is for. */
import type { TestProject } from 'vitest/node';
import { cachePath, OFFLINE_VARIABLE } from '../../harness/drivers/linux-guest/cache-folder.ts';
import './needs.ts';
import { searchTools } from './search.ts';
import { testTools } from './tools.ts';

export default async function setup(project: TestProject): Promise<void> {
  const before = process.env[OFFLINE_VARIABLE];
  process.env[OFFLINE_VARIABLE] = '1';
  try {
    project.provide('testTools', await searchTools(testTools(cachePath(), () => {})));
  } finally {
    if (before === undefined) delete process.env[OFFLINE_VARIABLE];
    else process.env[OFFLINE_VARIABLE] = before;
  }
}
