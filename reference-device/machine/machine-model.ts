/** The machine in front of a driver: the virtio-iommu, the endpoints, and one trace of everything. */
import type { DeviceFaultName } from '../device-faults.ts';
import { DmaEngineFunction, type StagedEngine } from '../endpoints/dma-engine.ts';
import { DmaEngineWindow } from '../endpoints/dma-engine-window.ts';
import type { DmaPort } from '../endpoints/dma-port.ts';
import type { ExposedAddresses } from '../endpoints/exposed-addresses.ts';
import { RNG_FUNCTION, VirtioRng } from '../endpoints/rng.ts';
import type { EndpointDescription } from '../iommu/endpoints.ts';
import { IOMMU_FUNCTION, VirtioIommuDevice } from '../iommu/iommu-function.ts';
import { describedId } from '../topology/topologies.ts';
import { Trace } from '../trace-events.ts';
import type { MmioWindow } from '../transport/mmio-window.ts';
import type { FunctionHost, PciFunction } from '../transport/pci-function.ts';
import type { VirtioCore } from '../transport/virtio-core.ts';
import { mmioIdentity } from '../transport/virtio-mmio.ts';
import { type MmioShow, VirtioMmioWindow } from '../transport/virtio-mmio-window.ts';
import { VirtioPciFunction } from '../transport/virtio-pci-function.ts';
import { fromHex, toHex } from '../wire/hex.ts';
import { DEVICE_ID } from '../wire/virtio.ts';
import type { DmaResult, MachineCommand, MachineReply } from './commands.ts';
import {
  type EndpointSetup,
  endpointId,
  isPciSlot,
  type MachineSetup,
  SLOTS,
  type SlotName,
  type TopologyName,
} from './setup.ts';

type CommandOf<D extends MachineCommand['do']> = Extract<MachineCommand, { readonly do: D }>;

/** What a case put into a slot. */
interface StagedEndpoint {
  readonly port: DmaPort;
  readonly exposed?: ExposedAddresses;
}

type SlotFunction =
  | { readonly kind: 'virtio-rng'; readonly shell: VirtioPciFunction; readonly host: FunctionHost }
  | { readonly kind: 'dma-engine'; readonly shell: DmaEngineFunction | DmaEngineWindow };

/** Bytes of the longest access that a command can ask for. */
const LONGEST_DMA = 1 << 20;

const SLOT_NAMES: readonly SlotName[] = [...Object.keys(SLOTS).filter(isPciSlot), 'platform'];

const IOMMU_WINDOW = 'iommu-mmio';

export class MachineModel {
  /** `iommu` and every slot, present or not; the same objects for the life of the machine. */
  readonly functions: ReadonlyMap<string, PciFunction>;
  /** The windows of registers beside the PCI bus, present or not. */
  readonly windows: ReadonlyMap<string, MmioWindow>;
  readonly #trace: Trace;
  readonly #iommuHost: FunctionHost;
  readonly #iommuShell: VirtioPciFunction;
  readonly #iommuWindowHost: FunctionHost;
  readonly #iommuWindow: VirtioMmioWindow;
  readonly #slots: ReadonlyMap<SlotName, SlotFunction>;
  #iommu: VirtioIommuDevice | undefined;
  #topology: TopologyName = 'plain';
  #endpoints = new Map<SlotName, StagedEndpoint>();

  /** `hostFor` is asked once for each function and window, by its name. Before the first `stage` all slots are empty. */
  constructor(hostFor: (functionName: string) => FunctionHost, trace = new Trace()) {
    this.#trace = trace;
    this.#iommuHost = hostFor(IOMMU_FUNCTION.name);
    this.#iommuShell = new VirtioPciFunction(
      { ...IOMMU_FUNCTION, deviceId: DEVICE_ID.IOMMU },
      this.#iommuHost,
      this.#trace,
    );
    this.#iommuWindowHost = hostFor(IOMMU_WINDOW);
    this.#iommuWindow = new VirtioMmioWindow(IOMMU_WINDOW, this.#iommuWindowHost, this.#trace);
    this.#slots = new Map(SLOT_NAMES.map((slot) => [slot, this.#makeSlot(slot, hostFor(slot))]));
    const functions = new Map<string, PciFunction>([[IOMMU_FUNCTION.name, this.#iommuShell]]);
    const windows = new Map<string, MmioWindow>([[IOMMU_WINDOW, this.#iommuWindow]]);
    for (const [slot, { shell }] of this.#slots) {
      if (shell instanceof DmaEngineWindow) windows.set(slot, shell);
      else functions.set(slot, shell);
    }
    this.functions = functions;
    this.windows = windows;
  }

  #makeSlot(slot: SlotName, host: FunctionHost): SlotFunction {
    if (!isPciSlot(slot)) return { kind: 'dma-engine', shell: new DmaEngineWindow(slot, host, this.#trace) };
    const { kind } = SLOTS[slot];
    if (kind === 'dma-engine') return { kind, shell: new DmaEngineFunction(slot, host, this.#trace) };
    const spec = { ...RNG_FUNCTION, name: slot, deviceId: DEVICE_ID.ENTROPY };
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
      case 'change-config':
        this.#stagedIommu().changeConfig(command.config);
        break;
      case 'need-reset':
        this.#iommuCore?.needReset('the case asked for it');
        break;
      case 'remove-endpoint':
        this.#removeEndpoint(command.endpoint);
        break;
      case 'add-endpoint':
        this.#addEndpoint(command.endpoint);
        break;
      case 'remove-iommu':
        this.#removeIommu();
        break;
      case 'look-at-queues':
        return { released: this.#cores().filter((core) => core.lookAtQueues()).length > 0 };
      case 'idle':
        return { released: this.#idle() };
      case 'record':
        this.#trace.add({ ...command.event });
        break;
      case 'take-trace':
        return { trace: this.#trace.take() };
    }
    return {};
  }

  /** Whether `idle` would let go of anything. */
  get hasHeldWork(): boolean {
    return this.#iommu?.hasHeldWork === true || this.#cores().some((core) => core.hasUnfinishedLooks);
  }

  get #iommuCore(): VirtioCore | undefined {
    return this.#iommuShell.core ?? this.#iommuWindow.core;
  }

  #cores(): VirtioCore[] {
    const endpoints = [...this.#slots.values()].map(({ shell }) =>
      shell instanceof VirtioPciFunction ? shell.core : undefined,
    );
    return [this.#iommuCore, ...endpoints].filter((core) => core !== undefined);
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
    const mmio = setup.iommu.transport === 'mmio';
    const iommu = new VirtioIommuDevice({
      setup: setup.iommu,
      endpoints: describedEndpoints(setup),
      faults: setup.faults,
      memory: (mmio ? this.#iommuWindowHost : this.#iommuHost).memory,
      trace: this.#trace,
    });
    this.#iommu = iommu;
    this.#topology = setup.topology;
    this.#iommuShell.stage(mmio ? undefined : iommu, new Set(faults));
    this.#iommuWindow.stage(mmio ? { device: iommu, show: mmioShow(new Set(faults)) } : undefined);
    this.#endpoints = new Map();
    for (const slot of this.#slots.keys()) {
      this.#stageSlot(
        slot,
        setup.endpoints.find((endpoint) => endpoint.slot === slot),
      );
    }
  }

  #stageSlot(slot: SlotName, setup: EndpointSetup | undefined): void {
    const place = this.#slot(slot);
    const id = describedId(slot, this.#topology);
    const behind: StagedEngine = {
      endpointId: id ?? endpointId(slot),
      iommu: id === undefined ? undefined : this.#stagedIommu(),
    };
    if (place.kind === 'dma-engine') {
      place.shell.stage(setup && behind);
      if (place.shell.port !== undefined) this.#endpoints.set(slot, { port: place.shell.port });
      return;
    }
    if (setup === undefined) {
      place.shell.stage(undefined);
      return;
    }
    const rng = new VirtioRng({
      slot,
      ...behind,
      setup,
      memory: place.host.memory,
      trace: this.#trace,
      busMaster: () => place.shell.busMaster,
    });
    place.shell.stage(rng);
    this.#endpoints.set(slot, { port: rng.port, exposed: rng.exposed });
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
    const id = describedId(slot, this.#topology);
    const isShared = [...this.#endpoints.keys()].some((other) => describedId(other, this.#topology) === id);
    if (id !== undefined && !isShared) this.#stagedIommu().removeEndpoint(id);
    this.#trace.add({ kind: 'staged', says: `endpoint ${slot} was pulled out` });
  }

  #addEndpoint(setup: EndpointSetup): void {
    const { slot, resvMem } = setup;
    if (this.#endpoints.has(slot)) throw new Error(`slot ${slot} is taken`);
    const id = describedId(slot, this.#topology);
    if (id !== undefined) this.#stagedIommu().addEndpoint({ id, resvMem });
    this.#slot(slot).shell.reset();
    this.#stageSlot(slot, setup);
    this.#trace.add({ kind: 'staged', says: `endpoint ${slot} was put in` });
  }

  #removeIommu(): void {
    this.#iommuCore?.remove();
    this.#iommuShell.stage(undefined);
    this.#iommuWindow.stage(undefined);
    this.#trace.add({ kind: 'staged', says: 'the IOMMU was pulled out' });
  }

  #stagedIommu(): VirtioIommuDevice {
    if (this.#iommu === undefined) throw new Error('no machine has been staged');
    return this.#iommu;
  }

  #endpoint(slot: SlotName): StagedEndpoint {
    const endpoint = this.#endpoints.get(slot);
    if (endpoint === undefined) throw new Error(`no endpoint has been staged in slot ${slot}`);
    return endpoint;
  }

  #dma({ endpoint, address, length, access, bytes, label }: CommandOf<'dma'>): DmaResult {
    if (!Number.isInteger(length) || length < 1 || length > LONGEST_DMA)
      throw new RangeError(`a DMA of ${length} bytes`);
    const data = bytes === undefined ? pattern(length) : fromHex(bytes);
    if (data.length !== length) throw new RangeError(`${data.length} bytes for a DMA of ${length}`);
    const { port } = this.#endpoint(endpoint);
    const labelled = label === undefined ? {} : { label };
    const done = port.perform({ address, length, access, cause: 'harness', data, ...labelled });
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

  #idle(): boolean {
    const released = this.#iommu?.releaseHeld() === true;
    const continued = this.#cores().filter((core) => core.continueLooks());
    return released || continued.length > 0;
  }
}

/** The endpoints that the IOMMU manages; functions that share an ID are one endpoint, with the properties of the first. */
function describedEndpoints({ endpoints, topology }: MachineSetup): EndpointDescription[] {
  const byId = new Map<number, EndpointDescription>();
  for (const { slot, resvMem } of endpoints) {
    const id = describedId(slot, topology);
    if (id !== undefined && !byId.has(id)) byId.set(id, { id, resvMem });
  }
  return [...byId.values()];
}

/** What the IOMMU's window shows in its first registers. */
function mmioShow(on: ReadonlySet<DeviceFaultName>): MmioShow {
  const honest = mmioIdentity(DEVICE_ID.IOMMU);
  return {
    identity: {
      magicValue: on.has('mmio-wrong-magic') ? ~honest.magicValue >>> 0 : honest.magicValue,
      version: on.has('mmio-version-1') ? 1 : on.has('mmio-version-3') ? 3 : honest.version,
      deviceId: on.has('mmio-device-id-0') ? 0 : honest.deviceId,
    },
    undefinedStatusBits: on.has('mmio-undefined-interrupt-status'),
  };
}

const list = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join(', '));

/** What an access puts into memory if its case does not say: no two neighbours alike, and none of them 0. */
const pattern = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at % 0xff) + 1);
