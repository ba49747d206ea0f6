/**
 * Attacks everything that reads what comes from outside, and says how many inputs did harm.
 *
 *     npm run torture
 *     npm run torture -- --inputs 1000000 --seed 7
 *     npm run torture -- messages kills
 */
import { parseArgs } from 'node:util';
import { tortureAll } from './torture.ts';

const { values, positionals } = parseArgs({
  options: { inputs: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const done = await tortureAll({
  names: positionals,
  inputs: Number(values.inputs),
  seed: Number(values.seed),
  say: (line) => console.log(line),
});
process.exitCode = done.failureCount === 0 ? 0 : 1;
