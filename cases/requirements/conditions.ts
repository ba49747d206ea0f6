/**
 * On what it depends whether a requirement binds a driver: a closed list. A row names its conditions in `when`; where one does
 * not hold, nothing is judged by the row, and the reason is the sentence below.
 */
import type { FeatureName } from '../../reference-device/wire/features.ts';

/** How a driver is and what its machine shows it, as far as conditions ask. */
export interface DriverTraits {
  readonly transports: readonly string[];
  /** Forms in which the driver is told of the topology. */
  readonly topologies: readonly string[];
  readonly severalIommus?: boolean;
  readonly lazyUnmap: boolean;
}

interface Trait {
  readonly holds: (driver: DriverTraits) => boolean;
  /** Why the row does not bind the driver, if not. */
  readonly otherwise: string;
}

const TRAITS = {
  pci: {
    holds: ({ transports }) => transports.includes('pci'),
    otherwise: 'the driver does not claim the PCI transport',
  },
  mmio: {
    holds: ({ transports }) => transports.includes('mmio'),
    otherwise: 'the driver does not claim the MMIO transport',
  },
  viot: { holds: ({ topologies }) => topologies.includes('viot'), otherwise: 'the driver does not read ACPI VIOT' },
  'device-tree': {
    holds: ({ topologies }) => topologies.includes('device-tree'),
    otherwise: 'the driver does not read device trees',
  },
  'several-iommus': {
    holds: ({ severalIommus }) => severalIommus === true,
    otherwise: 'the driver does not claim several IOMMUs',
  },
  'strict-unmap': {
    holds: ({ lazyUnmap }) => !lazyUnmap,
    otherwise: 'the driver postpones unmapping on purpose (lazy mode)',
  },
  'lazy-unmap': { holds: ({ lazyUnmap }) => lazyUnmap, otherwise: 'the driver unmaps at once (strict mode)' },
} as const satisfies Record<string, Trait>;

/** What a driver makes use of, or not, in front of a device that offers it; a trace shows which. */
const USES = {
  'split-rings': 'the driver accepts packed virtqueues wherever they are offered',
  'pci-cfg-window': 'the driver never uses the window in PCI configuration space',
  'virtual-functions': 'the driver enables no virtual functions',
} as const;

export type Condition = FeatureName | keyof typeof TRAITS | keyof typeof USES;

const isTrait = (condition: Condition): condition is keyof typeof TRAITS => Object.hasOwn(TRAITS, condition);
const isUse = (condition: Condition): condition is keyof typeof USES => Object.hasOwn(USES, condition);

/** Why a row with the conditions `when` does not bind such a driver; undefined if it does, as far as can be told before a run. */
export function unmetTrait(when: readonly Condition[], driver: DriverTraits): string | undefined {
  const unmet = when.filter(isTrait).find((condition) => !TRAITS[condition].holds(driver));
  return unmet && TRAITS[unmet].otherwise;
}

/** The conditions that only a run can show: features that have to be negotiated, and what the driver makes use of. */
export const usesIn = (when: readonly Condition[]): Exclude<Condition, keyof typeof TRAITS>[] =>
  when.filter((condition) => !isTrait(condition));

/** Why nothing is judged by a row where one of its `usesIn` is not met. */
export const unmetUse = (condition: Exclude<Condition, keyof typeof TRAITS>): string =>
  isUse(condition) ? USES[condition] : `the driver does not accept ${condition}`;
