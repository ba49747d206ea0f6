/** Which variants a shard plays. */
import type { Shard } from './model.ts';

/**
 * The shard's part of `plan`, all of it without a shard. Parts are runs of neighbours whose sizes differ by one at
 * most: neighbours share a topology, and each new one costs a boot.
 */
export function partOf<T>(plan: readonly T[], shard: Shard | undefined): readonly T[] {
  if (!shard) return plan;
  const { index, count } = shard;
  const boundary = (parts: number): number => Math.floor((plan.length * parts) / count);
  return plan.slice(boundary(index - 1), boundary(index));
}
