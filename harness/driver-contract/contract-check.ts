/** What is asked of a driver before any case: that its `ok` means something. */
import { randomInt } from 'node:crypto';
import type { DriverSession } from './driver-session.ts';

/** A word that is no verb, and that no shim can know beforehand. `randomBelow(n)` gives a whole number in `[0, n)`. */
export function inventVerb(randomBelow: (limit: number) => number = randomInt): string {
  // Longer than every verb there is.
  return Array.from({ length: 14 }, () => String.fromCodePoint(0x61 + randomBelow(26))).join('');
}

/**
 * Asks for `word`, which is no verb. Undefined if the driver says that it has no such ability;
 * otherwise a sentence, for then nothing else that it answers can be believed.
 * Rejects with `DriverGone` like any command.
 */
export async function checkContract(session: DriverSession, word: string): Promise<string | undefined> {
  const answer = await session.command({ verb: word, args: {} });
  if (answer.outcome === 'skip') return undefined;
  return answer.outcome === 'ok'
    ? `The driver answered "ok" to the verb "${word}", which does not exist, so that none of its answers can be believed.`
    : `The driver answered "not ok" to the verb "${word}", which does not exist; it has to answer "ok … # SKIP".`;
}
