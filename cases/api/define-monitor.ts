import { type Catches, catchesOf, type MustCatch } from './must-catch.ts';
import type { RequirementId, Seen } from './vocabulary.ts';

/** Watches the trace of every case for requirements that can be judged on any trace. */
export interface Monitor {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly RequirementId[];
  readonly anyDevice?: true;
  judge(seen: Seen): void;
  readonly mustCatch: Catches;
}

/** A monitor as its author writes it; an undeclared requirement is a compile error. */
export interface MonitorText<Id extends RequirementId> {
  readonly id: string;
  readonly title: string;
  readonly requirements: readonly Id[];
  /** It judges the driver of any virtio device, those of endpoints among them; see `Seen.subject`. */
  readonly anyDevice?: true;
  readonly judge: (seen: Seen<Id>) => void;
  /** Faults of the sample driver that this monitor has to catch in some case, each with what it breaks. */
  readonly mustCatch: MustCatch<NoInfer<Id>>;
}

/** Makes a monitor; see `MonitorText`. */
export function defineMonitor<const Id extends RequirementId>(text: MonitorText<Id>): Monitor {
  return { ...text, mustCatch: catchesOf(text.mustCatch), judge: (seen) => text.judge(seen) };
}
