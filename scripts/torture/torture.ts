import { EXIT, HarnessError } from '../../harness/harness-error.ts';
import { Lots } from '../../harness/explore/lots.ts';
import { answers } from './answers.ts';
import { files } from './files.ts';
import { kills } from './kills.ts';
import { messages } from './messages.ts';
import type { Torture } from './kind.ts';

const KINDS: readonly Torture[] = [answers, files, messages, kills];

/** More of a kind are counted, and not told. */
const TOLD_MOST = 10;

export interface TortureOptions {
  /** Of the kinds; all of them if empty. */
  readonly names: readonly string[];
  readonly inputs: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Attacks with about `inputs` inputs in all, each kind with its share. */
export async function tortureAll({ names, inputs, seed, say }: TortureOptions): Promise<{ failureCount: number }> {
  const chosen = KINDS.filter(({ name }) => names.length === 0 || names.includes(name));
  const unknown = names.find((word) => !KINDS.some(({ name }) => name === word));
  if (unknown !== undefined || !(inputs >= 1) || !Number.isSafeInteger(seed)) {
    const kinds = KINDS.map(({ name }) => name).join(', ');
    const says = unknown === undefined ? '--inputs and --seed are whole numbers' : `No kind is called ${unknown}`;
    throw new HarnessError(`${says}; the kinds are ${kinds}.`, { exitCode: EXIT.usage });
  }
  let failureCount = 0;
  for (const { name, share, torture } of chosen) {
    const count = Math.max(1, Math.floor(inputs / share));
    const startedAtMs = performance.now();
    let failures = 0;
    await torture(count, new Lots(seed), (failure) => {
      if (++failures <= TOLD_MOST) say(`  ${name}: ${failure}`);
    });
    const seconds = Math.ceil((performance.now() - startedAtMs) / 1000);
    const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
    say(`${name}: ${count} inputs, ${failures} did harm; seed ${seed}, ${seconds} s, ${memory} MB`);
    failureCount += failures;
  }
  if (failureCount > 0)
    say(`To repeat it: npm run torture -- --seed ${seed} --inputs ${inputs} ${names.join(' ')}`.trim());
  return { failureCount };
}
