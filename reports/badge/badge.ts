/** What a badge says of a run. */
import type { RunRecord } from '../record/model.ts';
import { conclusionOf, incompleteness, isIdle } from '../run-view.ts';

export interface Badge {
  readonly label: string;
  readonly message: string;
  /** A name that shields knows. */
  readonly color: 'brightgreen' | 'red' | 'lightgrey';
}

/** Held of applicable MUSTs. Green is only what the exit code calls good; a run that is not whole has no score. */
export function badgeOf(run: RunRecord): Badge {
  const { shard } = run.header;
  const { footer } = run;
  const label = 'virtio-iommu';
  if (!footer || incompleteness(run) !== undefined) return { label, message: 'incomplete', color: 'lightgrey' };
  if (isIdle(run)) return { label, message: 'nothing exercised', color: 'red' };
  if (shard) return { label, message: `shard ${shard.index} of ${shard.count}`, color: 'lightgrey' };
  const { held, applicable } = footer.scores.must;
  return { label, message: `MUST ${held}/${applicable}`, color: conclusionOf(run).good ? 'brightgreen' : 'red' };
}
