/** What is wrong with the catalogue by its self-test, a sentence each. */
import { counted } from '../../reference-device/counted.ts';
import { type ThinProof, thinProofs } from './killers.ts';
import type { SelftestResult } from './selftest.ts';

export interface SelftestScope {
  /** Requirements that some case or monitor judges. */
  readonly judged: Iterable<string>;
  /** Names of the sample driver's faults. */
  readonly faults: readonly string[];
}

/** Nothing if every fault is caught as stated and named by somebody, every check proven, and no legal driver blamed. */
export function selftestComplaints({ rows, falseAlarms }: SelftestResult, { judged, faults }: SelftestScope): string[] {
  const named = new Set(rows.map(({ fault }) => fault));
  const caught = rows.filter(({ caughtIn }) => caughtIn !== undefined);
  return [
    ...rows
      .filter(({ caughtIn }) => caughtIn === undefined)
      .map(({ fault, judge, requirement }) => `${judge} does not catch ${fault} for ${requirement}.`),
    ...falseAlarms.map(
      ({ character = 'faultless', id, verdict, says }) =>
        `The ${character} driver does not pass ${id}: ${verdict}: ${says}`,
    ),
    ...faults.filter((name) => !named.has(name)).map((name) => `No case or monitor has to catch ${name}.`),
    ...thinProofs(judged, caught).map(sentenceOf),
  ];
}

function sentenceOf({ requirement, killers, wantedCount }: ThinProof): string {
  const have = killers.length === 0 ? 'none is' : `only ${killers.join(', ')} is`;
  const faults = counted(wantedCount, 'fault that is', 'faults that are');
  return `${requirement} needs ${faults} caught for it, and ${have}.`;
}
