/** For tests only: an IOMMU with a driver that says exactly what it is told to. */
import type { DeviceFault } from '../device-faults.ts';
import type { IommuConfig } from '../machine-setup.ts';
import { type FeatureName, featureWord } from '../wire/features.ts';
import {
  ReqAttach,
  ReqDetach,
  ReqMap,
  ReqProbe,
  ReqUnmap,
  VIRTIO_IOMMU_T_ATTACH,
  VIRTIO_IOMMU_T_DETACH,
  VIRTIO_IOMMU_T_MAP,
  VIRTIO_IOMMU_T_PROBE,
  VIRTIO_IOMMU_T_UNMAP,
} from '../wire/iommu.ts';
import type { EndpointDescription } from './endpoints.ts';
import { FaultSelection } from './fault-selection.ts';
import { Iommu, type IommuReply } from './iommu.ts';

const ALL_FEATURES: readonly FeatureName[] = [
  'VIRTIO_F_VERSION_1',
  'VIRTIO_IOMMU_F_INPUT_RANGE',
  'VIRTIO_IOMMU_F_DOMAIN_RANGE',
  'VIRTIO_IOMMU_F_MAP_UNMAP',
  'VIRTIO_IOMMU_F_PROBE',
  'VIRTIO_IOMMU_F_MMIO',
  'VIRTIO_IOMMU_F_BYPASS_CONFIG',
];

const CONFIG: IommuConfig = {
  page_size_mask: 0xffff_ffff_ffff_f000n,
  input_range: { start: 0n, end: 0xffff_ffff_ffff_ffffn },
  domain_range: { start: 0, end: 0xffff_ffff },
  probe_size: 128,
  bypass: 0,
};

interface BenchOptions {
  readonly offered?: readonly FeatureName[];
  /** What the driver accepted; all that is offered if left out. */
  readonly accepted?: readonly FeatureName[];
  readonly config?: Partial<IommuConfig>;
  readonly configLength?: number;
  /** Endpoints 1, 2 and 3 without reserved regions if left out. */
  readonly endpoints?: readonly EndpointDescription[];
  readonly faults?: readonly DeviceFault[];
}

/** Everything that the device offers but `names`. */
export const allBut = (...names: readonly FeatureName[]): FeatureName[] =>
  ALL_FEATURES.filter((name) => !names.includes(name));

export class TestBench {
  readonly iommu: Iommu;
  readonly #requestFaults: FaultSelection;

  constructor(options: BenchOptions = {}) {
    const offered = options.offered ?? ALL_FEATURES;
    this.iommu = new Iommu(
      {
        features: offered,
        foreignFeatureBits: [],
        config: { ...CONFIG, ...options.config },
        queueSizes: [64, 64],
        configLength: options.configLength ?? 40,
      },
      options.endpoints ?? [1, 2, 3].map((id) => ({ id, resvMem: [] })),
      options.faults ?? [],
    );
    this.#requestFaults = new FaultSelection(options.faults ?? []);
    this.iommu.accepted = featureWord(options.accepted ?? offered);
  }

  send(readable: Uint8Array, writableLength = 4): IommuReply {
    const request = this.iommu.parse(readable);
    return this.iommu.handle(request, readable, writableLength, this.#requestFaults.next(request.name));
  }

  /** The status of ATTACH; undefined if it came back unwritten. Likewise below. */
  attach(fields: Parameters<typeof ReqAttach.encode>[0]): number | undefined {
    return this.send(ReqAttach.encode({ type: VIRTIO_IOMMU_T_ATTACH, ...fields })).status;
  }

  detach(fields: Parameters<typeof ReqDetach.encode>[0]): number | undefined {
    return this.send(ReqDetach.encode({ type: VIRTIO_IOMMU_T_DETACH, ...fields })).status;
  }

  /** READ and WRITE, to physical address 0, if not told otherwise. */
  map(fields: Parameters<typeof ReqMap.encode>[0]): number | undefined {
    return this.send(ReqMap.encode({ type: VIRTIO_IOMMU_T_MAP, flags: 3, ...fields })).status;
  }

  unmap(fields: Parameters<typeof ReqUnmap.encode>[0]): number | undefined {
    return this.send(ReqUnmap.encode({ type: VIRTIO_IOMMU_T_UNMAP, ...fields })).status;
  }

  probe(fields: Parameters<typeof ReqProbe.encode>[0], writableLength = CONFIG.probe_size + 4): IommuReply {
    return this.send(ReqProbe.encode({ type: VIRTIO_IOMMU_T_PROBE, ...fields }), writableLength);
  }

  /** Where one byte goes: its guest-physical address, or why it faults. */
  byteAt(endpointId: number, address: bigint, access: 'read' | 'write' = 'read'): bigint | string | undefined {
    const { outcome, segments, reason } = this.iommu.translate(endpointId, address, 1, access);
    return outcome === 'ok' ? segments[0]?.gpa : reason;
  }
}
