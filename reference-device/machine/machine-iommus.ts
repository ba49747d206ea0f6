/** The IOMMUs of a machine: the places in which they can be last for a boot, the devices in them for a case. */
import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import type { SelfDescription } from '../experimental/built-in-topology.ts';
import type { EndpointDescription } from '../iommu/endpoints.ts';
import { IOMMU_FUNCTION, VirtioIommuDevice } from '../iommu/iommu-function.ts';
import {
  bridgeEndpoints,
  describedPlace,
  type IommuPlace,
  isExperimental,
  TOPOLOGIES,
  windowIds,
} from '../topology/topologies.ts';
import type { Trace } from '../trace.ts';
import type { FunctionHost } from '../transport/pci-function.ts';
import type { VirtioCore } from '../transport/virtio-core.ts';
import { mmioIdentity } from '../transport/virtio-mmio.ts';
import { type MmioShow, VirtioMmioWindow } from '../transport/virtio-mmio-window.ts';
import { VirtioPciFunction } from '../transport/virtio-pci-function.ts';
import { DEVICE_ID } from '../wire/virtio.ts';
import {
  type EndpointSetup,
  type FunctionShape,
  IOMMU_FUNCTIONS,
  type IommuName,
  isIommuFunction,
  type MachineSetup,
  WINDOWS,
} from '../machine-setup.ts';

const WINDOW = 'iommu-mmio';

interface Place {
  readonly host: FunctionHost;
  readonly shell: VirtioPciFunction | VirtioMmioWindow;
}

interface StagedIommu {
  readonly device: VirtioIommuDevice;
  readonly shell: Place['shell'];
}

export class MachineIommus {
  /** Every PCI function that can hold an IOMMU, by its name. */
  readonly functions: ReadonlyMap<string, VirtioPciFunction>;
  readonly window: VirtioMmioWindow;
  readonly #places: ReadonlyMap<IommuPlace, Place>;
  readonly #trace: Trace;
  #staged = new Map<IommuName, StagedIommu>();

  /** `hostFor` is asked once for each place, by its name. */
  constructor(hostFor: (place: string) => FunctionHost, trace: Trace) {
    this.#trace = trace;
    const places = new Map<IommuPlace, Place>();
    const functions = new Map<string, VirtioPciFunction>();
    for (const name of Object.keys(IOMMU_FUNCTIONS).filter(isIommuFunction)) {
      const host = hostFor(name);
      const shell = new VirtioPciFunction({ ...IOMMU_FUNCTION, name, deviceId: DEVICE_ID.IOMMU }, host, trace);
      functions.set(name, shell);
      places.set(name, { host, shell });
    }
    const host = hostFor(WINDOW);
    this.window = new VirtioMmioWindow(WINDOW, host, trace);
    this.functions = functions;
    this.#places = places.set(WINDOW, { host, shell: this.window });
  }

  /** Puts the topology's IOMMUs in, all new, and empties the other places. */
  stage(setup: MachineSetup): void {
    this.#staged = new Map();
    const { iommus } = TOPOLOGIES[setup.topology];
    for (const [place, { host, shell }] of this.#places) {
      const name = iommus.find((iommu) => iommu.place === place)?.name;
      if (name === undefined) {
        shell.stage(undefined);
        continue;
      }
      const faults = setup.faults.filter(({ device = name }) => device === name);
      const own = name === 'iommu' ? setup.iommu : (setup.moreIommus?.[name] ?? setup.iommu);
      const device = new VirtioIommuDevice({
        name,
        setup: own,
        endpoints: describedEndpoints(setup, name),
        selfDescription: selfDescriptionOf(name, setup),
        faults,
        memory: host.memory,
        trace: this.#trace,
      });
      put(device, shell, faults, own);
      this.#staged.set(name, { device, shell });
    }
  }

  /** The transports' ends of all that are there. */
  get cores(): VirtioCore[] {
    return [...this.#staged.values()].map(({ shell }) => shell.core).filter((core) => core !== undefined);
  }

  get #devices(): VirtioIommuDevice[] {
    return [...this.#staged.values()].map(({ device }) => device);
  }

  /** Throws if no machine with this IOMMU has been staged. */
  device(name: IommuName): VirtioIommuDevice {
    return this.#find(name).device;
  }

  /** The verb that the driver is being asked for; undefined once it has answered. */
  set verb(verb: string | undefined) {
    for (const { requestFaults } of this.#devices) requestFaults.verb = verb;
  }

  needReset(name: IommuName): void {
    this.#find(name).shell.core?.needReset('the case asked for it');
  }

  /** Pulls it out. Its device stays, with nobody attached: endpoints behind it go on making accesses. */
  remove(name: IommuName): void {
    const { shell } = this.#find(name);
    shell.core?.remove();
    shell.stage(undefined);
  }

  get hasHeldWork(): boolean {
    return this.#devices.some((device) => device.hasHeldWork);
  }

  /** Whether anything was let go. */
  releaseHeld(): boolean {
    return this.#devices.filter((device) => device.releaseHeld()).length > 0;
  }

  #find(name: IommuName): StagedIommu {
    const staged = this.#staged.get(name);
    if (staged === undefined) throw new Error(`no machine with ${name} has been staged`);
    return staged;
  }
}

/** EXPERIMENTAL: what the IOMMU says of its endpoints itself; undefined wherever the platform says it. */
function selfDescriptionOf(name: IommuName, setup: MachineSetup): SelfDescription | undefined {
  const { iommus } = TOPOLOGIES[setup.topology];
  const iommu = isExperimental(setup.topology) ? iommus.find((candidate) => candidate.name === name) : undefined;
  if (iommu === undefined) return undefined;
  const windows = windowIds(iommu, setup).map(([slot, id]) => ({ id, address: WINDOWS[slot].address }));
  return { ranges: iommu.map.tuples, windows };
}

function put(
  device: VirtioIommuDevice,
  shell: Place['shell'],
  faults: readonly DeviceFault[],
  shape: FunctionShape,
): void {
  const on = new Set(faults.map(({ name }) => name));
  if (shell instanceof VirtioPciFunction) shell.stage(device, on, shape);
  else shell.stage({ device, show: mmioShow(on) });
}

/** What PROBE says of an endpoint. */
export const propertiesOf = ({ resvMem, otherProperties = [] }: EndpointSetup): Omit<EndpointDescription, 'id'> => ({
  resvMem,
  otherProperties,
});

/**
 * The endpoints that `iommu` manages, a bridge among them; functions that share an ID are one endpoint, with the properties
 * of the first.
 */
function describedEndpoints({ endpoints, topology }: MachineSetup, iommu: IommuName): EndpointDescription[] {
  const byId = new Map<number, EndpointDescription>();
  for (const endpoint of endpoints) {
    const place = describedPlace(endpoint.slot, topology);
    if (place?.iommu === iommu && !byId.has(place.id)) byId.set(place.id, { ...propertiesOf(endpoint), id: place.id });
  }
  // A bridge speaks for those behind it.
  const behind = TOPOLOGIES[topology].bridge?.functions ?? {};
  const first = endpoints.find(({ slot }) => slot in behind);
  const properties = first ? propertiesOf(first) : { resvMem: [] };
  for (const place of bridgeEndpoints(topology)) {
    if (place.iommu === iommu && !byId.has(place.id)) byId.set(place.id, { ...properties, id: place.id });
  }
  return [...byId.values()];
}

/** What an IOMMU's window shows in its first registers. */
function mmioShow(on: ReadonlySet<DeviceFaultName>): MmioShow {
  const honest = mmioIdentity(DEVICE_ID.IOMMU);
  return {
    identity: {
      magicValue: on.has('mmio-wrong-magic') ? ~honest.magicValue >>> 0 : honest.magicValue,
      version: on.has('mmio-version-0') ? 0 : on.has('mmio-version-256') ? 256 : honest.version,
      deviceId: on.has('mmio-device-id-0') ? 0 : honest.deviceId,
    },
    undefinedStatusBits: on.has('mmio-undefined-interrupt-status'),
  };
}
