/** Short words for steps, so that a scenario reads as a list. */
import {
  VIRTIO_IOMMU_ATTACH_F_BYPASS,
  VIRTIO_IOMMU_MAP_F_MMIO,
  VIRTIO_IOMMU_MAP_F_READ,
  VIRTIO_IOMMU_MAP_F_WRITE,
} from '../../reference-device/wire/iommu.ts';
import type { Width } from './bus.ts';
import {
  type DmaEndpoint,
  type DmaStep,
  type EndpointName,
  type Given,
  type Request,
  type RequestStep,
  type Step,
  TARGET,
} from './steps.ts';

export const PAGE = 0x1000n;
export const R = VIRTIO_IOMMU_MAP_F_READ;
export const W = VIRTIO_IOMMU_MAP_F_WRITE;
export const MMIO = VIRTIO_IOMMU_MAP_F_MMIO;
export const BYPASS = VIRTIO_IOMMU_ATTACH_F_BYPASS;

/** Physical address of a page of the target memory. */
export const targetPage = (page: number): bigint => BigInt(TARGET.start) + BigInt(page) * PAGE;

type Extra = Omit<RequestStep, 'do' | 'request'> & { readonly head?: number; readonly reserved?: number };

/** Head and reserved bytes go into the request, the rest is how it is sent. */
function sent(request: Request, { head, reserved, ...how }: Extra): RequestStep {
  const filled = {
    ...request,
    ...(head === undefined ? {} : { head }),
    ...(reserved === undefined ? {} : { reserved }),
  };
  return { do: 'request', request: filled, ...how };
}

export const attach = (domain: number, endpoint: EndpointName, flags = 0, extra: Extra = {}): RequestStep =>
  sent({ type: 'ATTACH', domain, endpoint, flags }, extra);

export const detach = (domain: number, endpoint: EndpointName, extra: Extra = {}): RequestStep =>
  sent({ type: 'DETACH', domain, endpoint }, extra);

/** Maps from `virt_start` to `virt_end`, both inclusive. */
export const map = (
  domain: number,
  [virt_start, virt_end]: readonly [bigint, bigint],
  phys_start: bigint,
  flags: number = R | W,
  extra: Extra = {},
): RequestStep => sent({ type: 'MAP', domain, virt_start, virt_end, phys_start, flags }, extra);

export const unmap = (
  domain: number,
  [virt_start, virt_end]: readonly [bigint, bigint],
  extra: Extra = {},
): RequestStep => sent({ type: 'UNMAP', domain, virt_start, virt_end }, extra);

export const probe = (endpoint: EndpointName, extra: Extra = {}): RequestStep =>
  sent({ type: 'PROBE', endpoint }, extra);

export const nameless = (type: number, extra: Extra = {}): RequestStep => sent({ type }, extra);

/** The inclusive range of the pages from `first` to `last`, both inclusive. */
export const pages = (first: number, last = first): readonly [bigint, bigint] => [
  BigInt(first) * PAGE,
  (BigInt(last) + 1n) * PAGE - 1n,
];

export const read = (endpoint: DmaEndpoint, iova: bigint, length = 4): DmaStep => ({
  do: 'dma',
  endpoint,
  access: 'read',
  iova,
  length,
});

export const write = (endpoint: DmaEndpoint, iova: bigint, length = 4): DmaStep => ({
  do: 'dma',
  endpoint,
  access: 'write',
  iova,
  length,
});

/** One read in every page from `first` to `last`: shows which are mapped, and where to. */
export const readPages = (endpoint: DmaEndpoint, first: number, last: number): DmaStep[] =>
  Array.from({ length: last - first + 1 }, (_, at) => read(endpoint, BigInt(first + at) * PAGE + 0x10n));

export const readConfig = (offset: number, width: Width): Step => ({ do: 'read-config', offset, width });
export const writeConfig = (offset: number, width: Width, value: number | bigint): Step => ({
  do: 'write-config',
  offset,
  width,
  value: BigInt(value),
});

/** Offset of `bypass` in the configuration. */
export const BYPASS_AT = 36;
export const setBypass = (value: number): Step => writeConfig(BYPASS_AT, 1, value);
export const restart = (given?: Given): Step => ({ do: 'restart', ...(given === undefined ? {} : { given }) });
