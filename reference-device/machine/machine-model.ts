/** The machine in front of a driver: the virtio-iommu, the endpoints, and one trace of everything. */
import { DmaEngineFunction, type StagedEngine } from '../endpoints/dma-engine.ts';
import { DmaEngineWindow } from '../endpoints/dma-engine-window.ts';
import type { DmaPort } from '../endpoints/dma-port.ts';
import type { ExposedAddresses } from '../endpoints/exposed-addresses.ts';
import { DISK_FUNCTION, VirtioDisk } from '../endpoints/disk.ts';
import { NETWORK_CARD_FUNCTION, NetworkCard } from '../endpoints/network-card.ts';
import { RNG_FUNCTION, VirtioRng } from '../endpoints/rng.ts';
import { describedPlace, type EndpointPlace } from '../topology/topologies.ts';
import { Trace } from '../trace.ts';
import type { MmioWindow } from '../transport/mmio-window.ts';
import type { FunctionHost, PciFunction } from '../transport/pci-function.ts';
import type { VirtioCore } from '../transport/virtio-core.ts';
import { mmioIdentity } from '../transport/virtio-mmio.ts';
import { VirtioMmioWindow } from '../transport/virtio-mmio-window.ts';
import { VirtioPciFunction } from '../transport/virtio-pci-function.ts';
import { fromHex, toHex } from '../wire/hex.ts';
import type { DmaResult, MachineCommand, MachineReply } from './commands.ts';
import { MachineIommus, propertiesOf } from './machine-iommus.ts';
import {
  DOORBELL_RANGE,
  type EndpointSetup,
  endpointId,
  type IommuName,
  isMultiFunction,
  isPciSlot,
  kindOf,
  type MachineSetup,
  SLOT_NAMES,
  SLOTS,
  type SlotName,
  type TopologyName,
} from '../machine-setup.ts';

type CommandOf<D extends MachineCommand['do']> = Extract<MachineCommand, { readonly do: D }>;

/** What a case put into a slot. */
interface StagedEndpoint {
  readonly port: DmaPort;
  readonly exposed?: ExposedAddresses;
}

type SlotFunction =
  | {
      readonly kind: keyof typeof VIRTIO_ENDPOINTS;
      readonly shell: VirtioPciFunction | VirtioMmioWindow;
      readonly host: FunctionHost;
    }
  | { readonly kind: 'dma-engine'; readonly shell: DmaEngineFunction | DmaEngineWindow };

const VIRTIO_ENDPOINTS = {
  'virtio-rng': { identity: RNG_FUNCTION, Device: VirtioRng },
  'virtio-blk': { identity: DISK_FUNCTION, Device: VirtioDisk },
  'virtio-net': { identity: NETWORK_CARD_FUNCTION, Device: NetworkCard },
} as const;

/** Bytes of the longest access that a command can ask for. */
const LONGEST_DMA = 1 << 20;

export class MachineModel {
  /** Every place for an IOMMU and every slot, present or not; the same objects for the life of the machine. */
  readonly functions: ReadonlyMap<string, PciFunction>;
  /** The windows of registers beside the PCI bus, present or not. */
  readonly windows: ReadonlyMap<string, MmioWindow>;
  readonly #trace: Trace;
  readonly #iommus: MachineIommus;
  readonly #slots: ReadonlyMap<SlotName, SlotFunction>;
  #topology: TopologyName = 'plain';
  #doorbell: bigint = DOORBELL_RANGE.start;
  #endpoints = new Map<SlotName, StagedEndpoint>();

  /** `hostFor` is asked once for each function and window, by its name. Before the first `stage` all slots are empty. */
  constructor(hostFor: (functionName: string) => FunctionHost, trace = new Trace()) {
    this.#trace = trace;
    this.#iommus = new MachineIommus(hostFor, trace);
    this.#slots = new Map(SLOT_NAMES.map((slot) => [slot, this.#makeSlot(slot, hostFor(slot))]));
    const functions = new Map<string, PciFunction>(this.#iommus.functions);
    const windows = new Map<string, MmioWindow>([[this.#iommus.window.name, this.#iommus.window]]);
    for (const [slot, { shell }] of this.#slots) {
      if (shell instanceof DmaEngineWindow || shell instanceof VirtioMmioWindow) windows.set(slot, shell);
      else functions.set(slot, shell);
    }
    this.functions = functions;
    this.windows = windows;
  }

  #makeSlot(slot: SlotName, host: FunctionHost): SlotFunction {
    const kind = kindOf(slot);
    if (!isPciSlot(slot)) {
      if (kind === 'dma-engine') return { kind, shell: new DmaEngineWindow(slot, host, this.#trace) };
      return { kind, shell: new VirtioMmioWindow(slot, host, this.#trace), host };
    }
    if (kind === 'dma-engine') return { kind, shell: new DmaEngineFunction(slot, host, this.#trace) };
    const { identity } = VIRTIO_ENDPOINTS[kind];
    const spec = { ...identity, name: slot, isMultiFunction: isMultiFunction(SLOTS[slot].bdf) };
    return { kind, shell: new VirtioPciFunction(spec, host, this.#trace), host };
  }

  /** Carries out one command. Throws if the command itself makes no sense: that is the harness's mistake. */
  execute(command: MachineCommand): MachineReply {
    switch (command.do) {
      case 'stage':
        this.#stage(command.setup);
        break;
      case 'dma':
        return { dma: this.#dma(command) };
      case 'retry-addresses':
        return this.#retryAddresses(command);
      case 'look-at-addresses':
        return { reaches: this.#reachesReturned(command.endpoint) };
      case 'change-config':
        this.#iommus.device(command.iommu ?? 'iommu').changeConfig(command.config);
        break;
      case 'need-reset':
        this.#iommus.needReset(command.iommu ?? 'iommu');
        break;
      case 'remove-endpoint':
        this.#removeEndpoint(command.endpoint);
        break;
      case 'add-endpoint':
        this.#addEndpoint(command.endpoint);
        break;
      case 'remove-iommu':
        this.#removeIommu(command.iommu ?? 'iommu');
        break;
      case 'look-at-queues':
        return { released: this.#cores().filter((core) => core.pollQueues()).length > 0 };
      case 'idle':
        return { released: this.#idle() };
      case 'record':
        this.#iommus.verb = command.event.kind === 'verb' ? command.event.verb : undefined;
        this.#trace.add({ ...command.event });
        break;
      case 'take-trace':
        return { trace: this.#trace.take() };
    }
    return {};
  }

  /** Where messages of interrupts have to go in the machine that is staged. */
  get doorbell(): bigint {
    return this.#doorbell;
  }

  /** Whether `idle` would let go of anything. */
  get hasHeldWork(): boolean {
    return this.#iommus.hasHeldWork || this.#cores().some((core) => core.hasUnfinishedPolls);
  }

  #cores(): VirtioCore[] {
    const endpoints = [...this.#slots.values()].map(({ shell }) =>
      shell instanceof VirtioPciFunction || shell instanceof VirtioMmioWindow ? shell.core : undefined,
    );
    return [...this.#iommus.cores, ...endpoints.filter((core) => core !== undefined)];
  }

  /** A reset of the whole system: all devices are new. `iommu/device/config/bypass-restored-on-system-reset` */
  #stage(setup: MachineSetup): void {
    this.#trace.restart();
    const slots = setup.endpoints.map(({ slot }) => slot);
    const faults = setup.faults.map(({ name }) => name);
    this.#trace.add({
      kind: 'staged',
      says: `topology ${setup.topology}; endpoints: ${list(slots)}; device faults: ${list(faults)}`,
    });
    this.#topology = setup.topology;
    this.#doorbell = setup.doorbell ?? DOORBELL_RANGE.start;
    this.#iommus.stage(setup);
    this.#endpoints = new Map();
    for (const slot of this.#slots.keys()) {
      this.#stageSlot(
        slot,
        setup.endpoints.find((endpoint) => endpoint.slot === slot),
      );
    }
  }

  #stageSlot(slot: SlotName, setup: EndpointSetup | undefined): void {
    const seat = this.#slot(slot);
    const place = describedPlace(slot, this.#topology);
    const behind: StagedEngine = {
      endpointId: place?.id ?? endpointId(slot),
      iommu: place && this.#iommus.device(place.iommu),
    };
    if (seat.kind === 'dma-engine') {
      seat.shell.stage(setup && behind);
      if (seat.shell.port !== undefined) this.#endpoints.set(slot, { port: seat.shell.port });
      return;
    }
    if (setup === undefined) {
      seat.shell.stage(undefined);
      return;
    }
    const { shell } = seat;
    const device = new VIRTIO_ENDPOINTS[seat.kind].Device({
      slot,
      ...behind,
      setup,
      memory: seat.host.memory,
      trace: this.#trace,
      // Nobody has to allow a platform device to be bus master.
      busMaster: () => shell instanceof VirtioMmioWindow || shell.busMaster,
      doorbell: this.#doorbell,
    });
    if (shell instanceof VirtioPciFunction) {
      shell.stage(device, new Set(), setup.vectors === undefined ? {} : { vectors: setup.vectors });
    } else {
      const identity = mmioIdentity(VIRTIO_ENDPOINTS[seat.kind].identity.deviceId);
      shell.stage({ device, show: { identity, undefinedStatusBits: false } });
    }
    this.#endpoints.set(slot, { port: device.port, exposed: device.exposed });
  }

  #slot(slot: SlotName): SlotFunction {
    const place = this.#slots.get(slot);
    if (place === undefined) throw new Error(`there is no slot ${slot}`);
    return place;
  }

  #removeEndpoint(slot: SlotName): void {
    this.#endpoint(slot);
    this.#endpoints.delete(slot);
    this.#stageSlot(slot, undefined);
    const place = this.#placeAlone(slot);
    if (place !== undefined) this.#iommus.device(place.iommu).removeEndpoint(place.id);
    this.#tracePlug(slot, place, false);
  }

  #addEndpoint(setup: EndpointSetup): void {
    const { slot } = setup;
    if (this.#endpoints.has(slot)) throw new Error(`slot ${slot} is taken`);
    const place = this.#placeAlone(slot);
    if (place !== undefined) this.#iommus.device(place.iommu).addEndpoint({ ...propertiesOf(setup), id: place.id });
    this.#slot(slot).shell.reset();
    this.#stageSlot(slot, setup);
    this.#tracePlug(slot, place, true);
  }

  /** The place of `slot`; undefined too where another function that is there has the same ID: to the IOMMU both are one endpoint. */
  #placeAlone(slot: SlotName): EndpointPlace | undefined {
    const place = describedPlace(slot, this.#topology);
    const isShared = [...this.#endpoints.keys()].some((other) => {
      const elsewhere = other === slot ? undefined : describedPlace(other, this.#topology);
      return elsewhere?.iommu === place?.iommu && elsewhere?.id === place?.id;
    });
    return isShared ? undefined : place;
  }

  #tracePlug(slot: SlotName, place: EndpointPlace | undefined, present: boolean): void {
    const behind = place ? { device: place.iommu, endpoint: place.id } : { device: '' };
    this.#trace.add({ kind: 'plug', ...behind, slot, present });
  }

  #removeIommu(name: IommuName): void {
    this.#iommus.remove(name);
    this.#trace.add({ kind: 'reset', device: name, cause: 'removed' });
    this.#trace.add({ kind: 'staged', says: name === 'iommu' ? 'the IOMMU was pulled out' : `${name} was pulled out` });
  }

  #endpoint(slot: SlotName): StagedEndpoint {
    const endpoint = this.#endpoints.get(slot);
    if (endpoint === undefined) throw new Error(`no endpoint has been staged in slot ${slot}`);
    return endpoint;
  }

  #dma({ endpoint, address, length, access, bytes, label, times = 1 }: CommandOf<'dma'>): DmaResult {
    if (!Number.isInteger(length) || length < 1 || length > LONGEST_DMA)
      throw new RangeError(`a DMA of ${length} bytes`);
    const data = bytes === undefined ? pattern(length) : fromHex(bytes);
    if (data.length !== length) throw new RangeError(`${data.length} bytes for a DMA of ${length}`);
    const { port } = this.#endpoint(endpoint);
    const labelled = label === undefined ? {} : { label };
    const perform = () => port.perform({ address, length, access, cause: 'harness', data, ...labelled });
    for (let nth = 1; nth < times; nth++) perform();
    const done = perform();
    return { outcome: done.outcome, bytes: access === 'read' ? toHex(done.bytes) : '' };
  }

  #retryAddresses({ endpoint, label }: CommandOf<'retry-addresses'>): MachineReply {
    const { port, exposed } = this.#endpoint(endpoint);
    const retried = (exposed?.staleBytes() ?? []).map(({ address, access }) => ({
      address,
      access,
      outcome: port.touch(address, access, label),
    }));
    return { retried };
  }

  #reachesReturned(endpoint: SlotName): boolean {
    const { port, exposed } = this.#endpoint(endpoint);
    return (exposed?.staleBytes() ?? []).some(({ address, access }) => port.reachable(address, 1, access));
  }

  #idle(): boolean {
    const released = this.#iommus.releaseHeld();
    const continued = this.#cores().filter((core) => core.continuePolls());
    return released || continued.length > 0;
  }
}

const list = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join(', '));

/** What an access puts into memory if its case does not say: no two neighbours alike, and none of them 0. */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at % 0xff) + 1);
