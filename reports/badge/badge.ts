/** What a badge says of a driver; what the user's list expects of it is no matter here. */
import { counted } from '../../reference-device/counted.ts';
import { brokenCounts, checkedMusts, headlineOf } from '../headline.ts';
import type { RunRecord } from '../record/model.ts';
import { incompleteness, isIdle } from '../run-view.ts';

export interface Badge {
  readonly label: string;
  readonly message: string;
  /** A name that shields knows. */
  readonly color: 'brightgreen' | 'red' | 'lightgrey';
}

/** What is broken, or how much was checked. Green is only a driver that breaks no MUST and no platform rule in a whole run. */
export function badgeOf(run: RunRecord): Badge {
  const { shard } = run.header;
  const label = 'virtio-iommu';
  if (incompleteness(run) !== undefined) return { label, message: 'incomplete', color: 'lightgrey' };
  if (isIdle(run)) return { label, message: 'nothing exercised', color: 'red' };
  if (shard) return { label, message: `shard ${shard.index} of ${shard.count}`, color: 'lightgrey' };
  if (headlineOf(run).tone === 'bad') return { label, message: brokenIn(run), color: 'red' };
  const { checked, all } = checkedMusts(run);
  return { label, message: `no MUST broken, ${checked} of ${all} checked`, color: 'brightgreen' };
}

function brokenIn(run: RunRecord): string {
  const { must, rule } = brokenCounts(run);
  if (must + rule === 0) return 'failing';
  const parts = [...(must > 0 ? [counted(must, 'MUST')] : []), ...(rule > 0 ? [counted(rule, 'platform rule')] : [])];
  return `${parts.join(', ')} broken`;
}
