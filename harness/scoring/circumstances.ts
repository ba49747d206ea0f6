/** Under which circumstances a trace came about, so that it can be said which requirements it says anything of. */
import { enablesVirtualFunctions } from '../../cases/api/virtual-functions.ts';
import { type DriverTraits, unmetTrait, unmetUse, usesIn } from '../../cases/requirements/conditions.ts';
import type { Requirement } from '../../cases/requirements/index.ts';
import { isWindowSlot, type MachineSetup, type TransportName } from '../../reference-device/machine-setup.ts';
import { formFor, TOPOLOGIES, transportsOf } from '../../reference-device/topology/topologies.ts';
import type { EventOf, TraceEvent } from '../../reference-device/trace-events.ts';
import { featureNames, hasFeature } from '../../reference-device/wire/features.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';

type Use = ReturnType<typeof usesIn>[number];
type Negotiation = EventOf<'features'>;

/** What conditions ask of a driver. */
export type Traits = DriverTraits & Pick<DriverIdentity, 'topologies'>;

const transportsIn = ({ topology, endpoints }: MachineSetup): TransportName[] => [
  ...transportsOf(topology),
  ...endpoints.flatMap(({ slot }) => (isWindowSlot(slot) ? (['mmio'] as const) : [])),
];

export class Circumstances {
  readonly #traits: DriverTraits;
  readonly #negotiations: readonly Negotiation[];
  readonly #usesWindow: boolean;
  readonly #enablesFunctions: boolean;

  /**
   * `driver` is narrowed to what it can show in front of `setup`: one form of description, and `transports`, which are all that are
   * there if left out.
   */
  constructor(
    events: readonly TraceEvent[],
    setup: MachineSetup,
    driver: Traits,
    transports: readonly TransportName[] = transportsIn(setup),
  ) {
    const { topology, oddities } = setup;
    const form = formFor(topology, driver.topologies, oddities) ?? TOPOLOGIES[topology].forms[0];
    this.#traits = { ...driver, transports, topologies: [form] };
    this.#negotiations = events.filter((event): event is Negotiation => event.kind === 'features');
    this.#usesWindow = events.some(({ kind }) => kind === 'window-access');
    this.#enablesFunctions = events.some(enablesVirtualFunctions);
  }

  /** Why `row` does not bind this driver at the event `at`, or in the whole trace; undefined if it does. */
  unmet({ when }: Requirement, at: TraceEvent | undefined): string | undefined {
    if (when.length === 0) return undefined;
    const trait = unmetTrait(when, this.#traits);
    if (trait !== undefined) return trait;
    // A row's own conditions stand behind those of its chapter, and say more.
    const unmet = usesIn(when).findLast((use) => !this.#isMet(use, this.#acceptedAt(at)));
    return unmet && unmetUse(unmet);
  }

  /** What a row can depend on that was offered in this trace, and what of it the driver took up. */
  uses(): { readonly offered: string[]; readonly taken: string[] } {
    const negotiations = this.#negotiations.filter(({ device }) => device.startsWith('iommu'));
    const offered = new Set(negotiations.flatMap((negotiation) => featureNames(negotiation.offered)));
    const taken = new Set(negotiations.filter(({ kept }) => kept).flatMap(({ accepted }) => featureNames(accepted)));
    if (negotiations.length > 0) offered.add('split-rings');
    if (negotiations.some(({ kept, accepted }) => kept && this.#isMet('split-rings', accepted)))
      taken.add('split-rings');
    if (this.#traits.transports.includes('pci')) offered.add('pci-cfg-window');
    if (this.#usesWindow) taken.add('pci-cfg-window');
    if (offered.has('VIRTIO_F_SR_IOV')) offered.add('virtual-functions');
    if (this.#enablesFunctions) taken.add('virtual-functions');
    return { offered: [...offered].toSorted(), taken: [...taken].toSorted() };
  }

  #isMet(use: Use, accepted: bigint): boolean {
    if (use === 'pci-cfg-window') return this.#usesWindow;
    if (use === 'virtual-functions') return this.#enablesFunctions;
    if (use === 'split-rings') return !hasFeature(accepted, 'VIRTIO_F_RING_PACKED');
    return hasFeature(accepted, use);
  }

  /** What was negotiated with the device of `at` when it happened; of the first IOMMU where the event is of no device. */
  #acceptedAt(at: TraceEvent | undefined): bigint {
    const named = at !== undefined && 'device' in at ? at.device : 'iommu';
    const known = this.#negotiations.filter(({ device, kept }) => kept && device === named);
    const before = at === undefined ? known.at(-1) : known.findLast(({ seq }) => seq <= at.seq);
    return (before ?? known[0])?.accepted ?? 0n;
  }
}
