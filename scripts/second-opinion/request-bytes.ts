/** Requests as bytes. */
import {
  ReqAttach,
  ReqDetach,
  ReqMap,
  ReqProbe,
  ReqTail,
  ReqUnmap,
  VIRTIO_IOMMU_T_ATTACH,
  VIRTIO_IOMMU_T_DETACH,
  VIRTIO_IOMMU_T_MAP,
  VIRTIO_IOMMU_T_PROBE,
  VIRTIO_IOMMU_T_UNMAP,
} from '../../reference-device/wire/iommu.ts';
import { type EndpointName, FIGURES, type Request, type RequestStep } from './steps.ts';

const NAMELESS_BYTES = 20;

/** The IDs by which one machine knows the endpoints. */
export type EndpointIds = Readonly<Record<EndpointName, number>>;

function encode(request: Request, ids: EndpointIds): Uint8Array {
  const { head: head_reserved = 0, reserved = 0 } = request;
  switch (request.type) {
    case 'ATTACH': {
      const { domain, endpoint, flags = 0 } = request;
      const fields = { domain, endpoint: ids[endpoint], flags, reserved };
      return ReqAttach.encode({ type: VIRTIO_IOMMU_T_ATTACH, head_reserved, ...fields });
    }
    case 'DETACH': {
      const fields = { domain: request.domain, endpoint: ids[request.endpoint], reserved };
      return ReqDetach.encode({ type: VIRTIO_IOMMU_T_DETACH, head_reserved, ...fields });
    }
    case 'MAP': {
      const { domain, virt_start, virt_end, phys_start, flags } = request;
      const fields = { domain, virt_start, virt_end, phys_start, flags };
      return ReqMap.encode({ type: VIRTIO_IOMMU_T_MAP, head_reserved, ...fields });
    }
    case 'UNMAP': {
      const { domain, virt_start, virt_end } = request;
      const fields = { domain, virt_start, virt_end, reserved };
      return ReqUnmap.encode({ type: VIRTIO_IOMMU_T_UNMAP, head_reserved, ...fields });
    }
    case 'PROBE': {
      const fields = { endpoint: ids[request.endpoint], reserved };
      return ReqProbe.encode({ type: VIRTIO_IOMMU_T_PROBE, head_reserved, ...fields });
    }
    default: {
      const bytes = new Uint8Array(NAMELESS_BYTES);
      bytes[0] = request.type;
      return bytes;
    }
  }
}

/** The readable part of a step's request as its driver sends it. */
export function readablePart({ request, readableLength }: RequestStep, ids: EndpointIds): Uint8Array {
  const whole = encode(request, ids);
  const bytes = new Uint8Array(readableLength ?? whole.length);
  bytes.set(whole.subarray(0, bytes.length));
  return bytes;
}

/** Bytes that the driver leaves for the answer. */
export const writableLengthOf = ({ request, writableLength }: RequestStep): number =>
  writableLength ?? (request.type === 'PROBE' ? FIGURES.probe_size : 0) + ReqTail.size;
