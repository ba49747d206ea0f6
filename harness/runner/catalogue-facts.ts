/** What can be said of a catalogue without running it. */
import { createHash } from 'node:crypto';
import type { Case } from '../../cases/api/define-case.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';

/** Requirements that some case or monitor judges. */
export function judgedRequirements(catalogue: readonly Case[], monitors: readonly Monitor[]): ReadonlySet<string> {
  return new Set<string>([...catalogue, ...monitors].flatMap(({ requirements }) => requirements));
}

/** A short digest of ids and requirements: two logs with the same digest were judged by the same catalogue. */
export function catalogueDigest(catalogue: readonly Case[], monitors: readonly Monitor[]): string {
  const hash = createHash('sha256');
  for (const { id, requirements, variants } of catalogue) {
    hash.update(JSON.stringify([id, requirements, variants.map(({ name }) => name)]));
  }
  for (const { id, requirements } of monitors) hash.update(JSON.stringify([id, requirements]));
  return hash.digest('hex').slice(0, 16);
}
