/** What a driver says that it cannot do, so that a variant need not be played. */
import { changesPciFunction } from '../../reference-device/device-faults.ts';
import { fitsInPlaces } from '../../reference-device/transport/pci-show.ts';
import { isPciSlot, isWindowSlot, kindOf, type MachineSetup } from '../../reference-device/machine-setup.ts';
import {
  describedPlace,
  type DescriptionForm,
  formFor,
  formsOf,
  TOPOLOGIES,
  transportsOf,
} from '../../reference-device/topology/topologies.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import type { Unanswered } from '../scoring/verdict.ts';
import type { PlannedVariant } from './plan.ts';

const DESCRIPTION_WORDS: Readonly<Record<DescriptionForm, string>> = {
  viot: 'a VIOT',
  'device-tree': 'a device tree',
  'built-in-2019': 'the experimental description built into the device',
};

type Claim = (planned: PlannedVariant, identity: DriverIdentity) => string | undefined;

/** Optional abilities: a driver that does without is not bound by what the case is about. */
const OPTIONAL: readonly Claim[] = [
  ({ setup: { topology, oddities, endpoints } }, identity) => {
    const [form] = formsOf(topology, oddities);
    const hasWindow = endpoints.some(({ slot }) => isWindowSlot(slot));
    const foreign = [
      ...[...transportsOf(topology)]
        .filter((transport) => !identity.transports.includes(transport))
        .map((transport) => `virtio over ${transport}`),
      ...(hasWindow && !identity.transports.includes('mmio') ? ['endpoints in windows of registers'] : []),
      ...(form && formFor(topology, identity.topologies, oddities) === undefined ? [DESCRIPTION_WORDS[form]] : []),
    ];
    return foreign.length > 0 ? `The driver does not claim to understand ${foreign.join(' and ')}.` : undefined;
  },
  ({ setup }, { severalIommus }) =>
    TOPOLOGIES[setup.topology].iommus.length > 1 && severalIommus !== true
      ? 'The driver does not claim to drive several IOMMUs.'
      : undefined,
  ({ setup }, { pciBridges }) =>
    (TOPOLOGIES[setup.topology].bridge ?? TOPOLOGIES[setup.topology].secondRoot) !== undefined && pciBridges !== true
      ? 'The driver does not claim machines with PCI bridges.'
      : undefined,
  ({ case: { needs } }, { verbs }) => {
    const lacking = needs.optionalVerbs?.find((verb) => !verbs.includes(verb));
    return lacking && `The driver does not claim the optional ability '${lacking}'.`;
  },
];

/** What is missing so that something could be told. */
const MISSING: readonly Claim[] = [
  ({ case: { needs } }, { verbs, lacks }) => {
    const lacking = needs.verbs?.find((verb) => !verbs.includes(verb));
    const why = lacking && lacks?.[lacking];
    return lacking && `The driver offers no verb '${lacking}'${why === undefined ? '' : `: ${why}`}.`;
  },
  ({ setup }, { freshPciConfig = false }) => {
    if (freshPciConfig === true || !looksUnusual(setup)) return undefined;
    if (freshPciConfig === false)
      return 'The driver enumerates PCI configuration space at boot only, so this case cannot change it.';
    return hasUsualPlaces(setup)
      ? undefined
      : 'MSI-X, the offsets of PCI capabilities and the BAR addresses are fixed at boot here, so this case cannot change them.';
  },
  ({ setup }, { lineInterrupts }) =>
    interruptsByLine(setup) && lineInterrupts !== true
      ? 'INTx of a PCI function does not get to this driver.'
      : undefined,
  ({ setup: { endpoints } }, { enginesOnPciOnly }) =>
    enginesOnPciOnly === true && endpoints.some(({ slot }) => isWindowSlot(slot) && kindOf(slot) === 'dma-engine')
      ? 'A DMA engine that is no PCI function does not get to this driver.'
      : undefined,
  ({ setup: { topology, oddities = [] } }, { plainDescriptions }) =>
    plainDescriptions === true && (oddities.length > 0 || TOPOLOGIES[topology].secondRoot !== undefined)
      ? 'This driver runs in a machine with one root complex, whose description says what it has to and nothing else.'
      : undefined,
  ({ setup }, { interruptsByProbe }) =>
    interruptsByProbe === true && hasUnreportedInterrupts(setup)
      ? 'Interrupts of endpoints do not get to this driver where the IOMMU does not offer PROBE.'
      : undefined,
];

/** Why the variant cannot be played in front of this driver; undefined if it can. */
export function unplayable(planned: PlannedVariant, identity: DriverIdentity): Unanswered | undefined {
  const says = (claims: readonly Claim[]): string | undefined => {
    for (const claim of claims) {
      const reason = claim(planned, identity);
      if (reason !== undefined) return reason;
    }
    return undefined;
  };
  const optional = says(OPTIONAL);
  if (optional !== undefined) return { verdict: 'not-applicable', says: optional };
  const missing = says(MISSING);
  return missing === undefined ? undefined : { verdict: 'untested', says: missing };
}

/** Whether a function looks in configuration space as it does not from one case to the next. */
const looksUnusual = ({ iommu, moreIommus = {}, endpoints, faults }: MachineSetup): boolean =>
  faults.some(({ name }) => changesPciFunction(name)) ||
  [iommu, ...Object.values(moreIommus)].some(({ configLength, capabilities }) => configLength ?? capabilities) ||
  [iommu, ...Object.values(moreIommus), ...endpoints].some(({ vectors }) => vectors !== undefined);

/** Whether all that the functions show fits into the places in which it is for a boot. */
function hasUsualPlaces({ iommu, moreIommus = {}, endpoints, faults }: MachineSetup): boolean {
  const on = new Set(faults.map(({ name }) => name));
  const iommus = [iommu, ...Object.values(moreIommus)];
  return iommus.every((shape) => fitsInPlaces(shape, on)) && endpoints.every((shape) => fitsInPlaces(shape, new Set()));
}

/** Whether a function has no MSI-X, or none that can be reached. */
const interruptsByLine = ({ iommu, moreIommus = {}, endpoints, faults }: MachineSetup): boolean =>
  faults.some(({ name }) => name === 'pci-bars-silent') ||
  [iommu, ...Object.values(moreIommus), ...endpoints].some(({ vectors }) => vectors === 0);

/** Whether an endpoint that interrupts is behind an IOMMU that cannot say where interrupts go. */
function hasUnreportedInterrupts({ iommu, moreIommus, endpoints, topology }: MachineSetup): boolean {
  const behind = endpoints
    .filter(({ slot }) => isPciSlot(slot) && kindOf(slot) !== 'dma-engine')
    .flatMap(({ slot }) => describedPlace(slot, topology)?.iommu ?? []);
  return behind.some((name) => !(moreIommus?.[name] ?? iommu).features.includes('VIRTIO_IOMMU_F_PROBE'));
}
