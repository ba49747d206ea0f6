/** How the drivers of endpoints have fared, which are in the same trace as the driver under test and no part of its score. */
import type { Finding, RunRecord } from './record/model.ts';

export interface EndpointDriver {
  /** What it drives: `virtio-rng`. */
  readonly kind: string;
  /** Requirements that were judged, and those of them that were never broken. */
  readonly exercised: number;
  readonly held: number;
  /** The first breach of each requirement, with the variant in which it was seen. */
  readonly broken: readonly { readonly id: string; readonly finding: Finding; readonly variants: number }[];
}

interface Tally {
  readonly judged: Set<string>;
  readonly broken: Map<string, { readonly id: string; readonly finding: Finding; variants: number }>;
}

/** By kind of endpoint, in the order of their names; none in a log of an older version. */
export function endpointDrivers(run: RunRecord): EndpointDriver[] {
  const tallies = new Map<string, Tally>();
  for (const { started, judgement } of run.cases) {
    for (const { kind, findings, judged } of judgement?.endpoints ?? []) {
      const tally = tallies.get(kind) ?? { judged: new Set(), broken: new Map() };
      tallies.set(kind, tally);
      for (const { requirement } of judged) tally.judged.add(requirement);
      for (const { requirement } of judged.filter(({ held }) => !held)) {
        const finding = findings.find((it) => it.requirement === requirement);
        if (finding === undefined) continue;
        const known = tally.broken.get(requirement);
        if (known) known.variants++;
        else tally.broken.set(requirement, { id: started.id, finding, variants: 1 });
      }
    }
  }
  return [...tallies]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, { judged, broken }]) => ({
      kind,
      exercised: judged.size,
      held: judged.size - broken.size,
      broken: [...broken.values()],
    }));
}
