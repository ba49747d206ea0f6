import type { RequestFields, RequestName } from '../trace-events.ts';
import { hasFeature } from '../wire/features.ts';
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
import { carryOutAttach, judgeAttach, refuseAttach } from './attach.ts';
import { carryOutDetach, judgeDetach } from './detach.ts';
import type { IommuState } from './iommu-state.ts';
import { carryOutMap, judgeMap } from './map.ts';
import { isProbeAvailable, judgeProbe, probeProperties } from './probe.ts';
import { carryOutUnmap, judgeUnmap, refuseUnmap } from './unmap.ts';

/** All that the device knows of one request type. `readable` holds at least `size` bytes; nothing of it is kept. */
export interface RequestKind {
  readonly name: RequestName;
  /** Bytes of the device-readable part. */
  readonly size: number;
  fields(readable: DataView): RequestFields;
  isAvailable(state: IommuState): boolean;
  /** The status that the request deserves; changes nothing. */
  judge(state: IommuState, readable: DataView, propertiesLength: number): number;
  /** Does what was judged OK. */
  carryOut(state: IommuState, readable: DataView): void;
  /** Device models only: what a request does that was judged anything but OK. */
  refuse?(state: IommuState, readable: DataView, status: number): void;
  /** PROBE only: its properties stand before the tail. */
  properties?(state: IommuState, readable: DataView): Uint8Array[];
}

/** How a kind is written down: the same, with the structure in place of its bytes. */
interface KindOf<C> {
  readonly name: RequestName;
  fields(request: C): RequestFields;
  readonly isAvailable?: (state: IommuState) => boolean;
  judge(state: IommuState, request: C, propertiesLength: number): number;
  carryOut?(state: IommuState, request: C): void;
  refuse?(state: IommuState, request: C, status: number): void;
  properties?(state: IommuState, request: C): Uint8Array[];
}

/** A structure's cursor, which can be moved to the request at hand. */
interface Movable {
  moveTo(view: DataView, base: number): unknown;
}

const kind = <C extends Movable>(structure: { readonly size: number; cursor(): C }, of: KindOf<C>): RequestKind => {
  // One cursor for all requests: each is dealt with before the next is read.
  const cursor = structure.cursor();
  const over = (readable: DataView): C => {
    cursor.moveTo(readable, 0);
    return cursor;
  };
  return {
    name: of.name,
    size: structure.size,
    fields: (readable) => of.fields(over(readable)),
    isAvailable: of.isAvailable ?? (() => true),
    judge: (state, readable, propertiesLength) => of.judge(state, over(readable), propertiesLength),
    carryOut: (state, readable) => of.carryOut?.(state, over(readable)),
    ...(of.refuse ? { refuse: (state, readable, status) => of.refuse!(state, over(readable), status) } : {}),
    ...(of.properties ? { properties: (state, readable) => of.properties!(state, over(readable)) } : {}),
  };
};

/** `iommu/prose/map-needs-feature`, `iommu/prose/unmap-needs-feature`: the negotiated feature counts. */
const isMapUnmapAvailable = (state: IommuState): boolean => hasFeature(state.accepted, 'VIRTIO_IOMMU_F_MAP_UNMAP');

/** The request types of 5.13.6 by their number. */
export const REQUEST_KINDS: ReadonlyMap<number, RequestKind> = new Map([
  [
    VIRTIO_IOMMU_T_ATTACH,
    kind(ReqAttach, {
      name: 'ATTACH',
      fields: ({ domain, endpoint, flags }) => ({ domain, endpoint, flags }),
      judge: judgeAttach,
      carryOut: carryOutAttach,
      refuse: refuseAttach,
    }),
  ],
  [
    VIRTIO_IOMMU_T_DETACH,
    kind(ReqDetach, {
      name: 'DETACH',
      fields: ({ domain, endpoint }) => ({ domain, endpoint }),
      judge: judgeDetach,
      carryOut: carryOutDetach,
    }),
  ],
  [
    VIRTIO_IOMMU_T_MAP,
    kind(ReqMap, {
      name: 'MAP',
      fields: ({ domain, virt_start, virt_end, phys_start, flags }) => ({
        domain,
        virt_start,
        virt_end,
        phys_start,
        flags,
      }),
      isAvailable: isMapUnmapAvailable,
      judge: judgeMap,
      carryOut: carryOutMap,
    }),
  ],
  [
    VIRTIO_IOMMU_T_UNMAP,
    kind(ReqUnmap, {
      name: 'UNMAP',
      fields: ({ domain, virt_start, virt_end }) => ({ domain, virt_start, virt_end }),
      isAvailable: isMapUnmapAvailable,
      judge: judgeUnmap,
      carryOut: carryOutUnmap,
      refuse: refuseUnmap,
    }),
  ],
  [
    VIRTIO_IOMMU_T_PROBE,
    kind(ReqProbe, {
      name: 'PROBE',
      fields: ({ endpoint }) => ({ endpoint }),
      isAvailable: isProbeAvailable,
      judge: judgeProbe,
      properties: probeProperties,
    }),
  ],
]);
