/** `npm run test-tools`: fetches the tools that tests need. Exits 1 if one is still missing, and says why. */
import { fetchCommand, fetchTools } from './fetching.ts';
import { missingSummary } from './skipped-summary.ts';

const missing = missingSummary(await fetchTools(), fetchCommand('npm run test-tools'));
process.stdout.write(missing === '' ? 'Everything that tests need is there.\n' : missing);
process.exitCode = missing === '' ? 0 : 1;
