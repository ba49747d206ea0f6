/** Our machine in this thread, set up with the figures that QEMU's has. */
import type { DeviceFault } from '../../reference-device/device-faults.ts';
import { MachineModel } from '../../reference-device/machine/machine-model.ts';
import {
  ENDPOINT_ID_OFFSET,
  endpointId,
  IOMMU_BDF,
  type MachineSetup,
  SLOTS,
  type SlotName,
} from '../../reference-device/machine-setup.ts';
import { GuestMemory } from '../../reference-device/memory/guest-memory.ts';
import type { PciFunction } from '../../reference-device/transport/pci-function.ts';
import { fromHex, toHex } from '../../reference-device/wire/hex.ts';
import { VIRTIO_IOMMU_RESV_MEM_T_MSI } from '../../reference-device/wire/iommu.ts';
import { ModelBus } from './model-bus.ts';
import { type DmaEndpoint, FIGURES, USUAL_FEATURES } from './steps.ts';
import { type DmaEngines, ENGINE_HALF_BYTES, outgoingByte, type TestMachine } from './test-machine.ts';

const SLOT_OF = { a: 'dma', b: 'dma2' } as const satisfies Record<DmaEndpoint, SlotName>;
const NOBODY_BDF = 0x14 << 3;
const PAST_16_BITS = 0x1_0000;

const setupWith = (faults: readonly DeviceFault[]): MachineSetup => ({
  iommu: {
    features: [...USUAL_FEATURES, 'VIRTIO_F_INDIRECT_DESC', 'VIRTIO_F_EVENT_IDX', 'VIRTIO_F_RING_RESET'],
    foreignFeatureBits: [],
    config: {
      page_size_mask: FIGURES.page_size_mask,
      input_range: { start: 0n, end: FIGURES.input_range_end },
      domain_range: { start: 0, end: 0xffff_ffff },
      probe_size: FIGURES.probe_size,
      bypass: 0,
    },
    queueSizes: [FIGURES.queueSize, FIGURES.queueSize],
  },
  endpoints: Object.values(SLOT_OF).map((slot) => ({
    slot,
    features: [],
    resvMem: [{ subtype: VIRTIO_IOMMU_RESV_MEM_T_MSI, ...FIGURES.msi }],
    insistsOnAccessPlatform: false,
  })),
  topology: 'plain',
  faults,
});

/** The reference machine with RAM of its own, as a driver finds it after power-on; wrong on purpose in the ways of `faults`. */
export async function openModelMachine(faults: readonly DeviceFault[] = []): Promise<TestMachine> {
  const setup = setupWith(faults);
  const memory = new GuestMemory();
  memory.addRegion(0n, new Uint8Array(FIGURES.ramBytes));
  const model = new MachineModel(() => ({ memory, interrupt: () => true }));
  model.execute({ do: 'stage', setup });
  const engines = new ModelEngines(model);
  return {
    bus: new ModelBus(byBdf(model), memory),
    iommuBdf: IOMMU_BDF,
    endpointBdfs: { a: SLOTS.dma.bdf, b: SLOTS.dma2.bdf },
    ids: {
      a: endpointId('dma'),
      b: endpointId('dma2'),
      nobody: NOBODY_BDF + ENDPOINT_ID_OFFSET,
      'past-16-bits': endpointId('dma') + PAST_16_BITS,
      iommu: IOMMU_BDF + ENDPOINT_ID_OFFSET,
    },
    reset: async () => {
      // The bus resets the functions, and power-on the machine: its configuration is as it was at first.
      for (const pciFunction of model.functions.values()) pciFunction.reset();
      model.execute({ do: 'stage', setup });
    },
    engines: () => engines,
    close: async () => {},
  };
}

function byBdf(model: MachineModel): ReadonlyMap<number, PciFunction> {
  const placed = new Map<number, PciFunction>();
  const place = (bdf: number, name: string): void => {
    const pciFunction = model.functions.get(name);
    if (pciFunction !== undefined) placed.set(bdf, pciFunction);
  };
  place(IOMMU_BDF, 'iommu');
  for (const slot of Object.values(SLOT_OF)) place(SLOTS[slot].bdf, slot);
  return placed;
}

class ModelEngines implements DmaEngines {
  readonly #model: MachineModel;
  #incoming: Record<DmaEndpoint, Uint8Array> = emptyHalves();

  constructor(model: MachineModel) {
    this.#model = model;
  }

  async prepare(): Promise<void> {
    this.#incoming = emptyHalves();
  }

  async write(endpoint: DmaEndpoint, iova: bigint, offset: number, length: number): Promise<void> {
    const bytes = toHex(Uint8Array.from({ length }, (_, at) => outgoingByte(offset + at)));
    this.#model.execute({ do: 'dma', endpoint: SLOT_OF[endpoint], address: iova, length, access: 'write', bytes });
  }

  async read(endpoint: DmaEndpoint, iova: bigint, offset: number, length: number): Promise<void> {
    const read = { do: 'dma', endpoint: SLOT_OF[endpoint], address: iova, length, access: 'read' } as const;
    this.#incoming[endpoint].set(fromHex(this.#model.execute(read).dma?.bytes ?? ''), offset);
  }

  async collect(endpoint: DmaEndpoint): Promise<Uint8Array> {
    return this.#incoming[endpoint];
  }
}

const emptyHalves = (): Record<DmaEndpoint, Uint8Array> => ({
  a: new Uint8Array(ENGINE_HALF_BYTES),
  b: new Uint8Array(ENGINE_HALF_BYTES),
});
