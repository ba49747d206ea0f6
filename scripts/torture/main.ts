/**
 * Attacks everything that reads what comes from outside, and says how many inputs did harm.
 *
 *     npm run torture
 *     npm run torture -- --inputs 1000000 --seed 7
 *     npm run torture -- messages kills
 */
import { parseArgs } from 'node:util';
import { HarnessError } from '../../harness/harness-error.ts';
import { tortureAll } from './torture.ts';

const { values, positionals } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
try {
  const { failureCount } = await tortureAll({
    names: positionals,
    inputs: Number(values.inputs),
    seed: Number(values.seed),
    say: (line) => console.log(line),
  });
  process.exitCode = failureCount === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof HarnessError)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
