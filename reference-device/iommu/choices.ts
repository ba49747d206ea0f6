/**
 * What the reference device does where the specification leaves it open (5.13.6), each with the reason.
 * Everything that is not named here follows from a sentence of the specification.
 */
import { VIRTIO_IOMMU_S_INVAL, VIRTIO_IOMMU_S_NOMEM, VIRTIO_IOMMU_S_OK, VIRTIO_IOMMU_S_RANGE } from '../wire/iommu.ts';

/**
 * ATTACH to a domain outside domain_range. RANGE is the code for "out-of-range parameters", and a driver learns which limit
 * it missed. A MAP, UNMAP or DETACH that names such a domain names one that cannot exist, which has codes of its own.
 */
export const STATUS_OF_DOMAIN_OUTSIDE_RANGE = VIRTIO_IOMMU_S_RANGE;

/** MAP outside input_range "fails" (5.13.6) with no code given. RANGE, as for domains and as other devices do. */
export const STATUS_OF_MAP_OUTSIDE_INPUT_RANGE = VIRTIO_IOMMU_S_RANGE;

/**
 * MAP or UNMAP with virt_end below virt_start. RANGE: the ends do not make a range. Where virt_end equals virt_start, the
 * granule decides: the text calls mappings of one byte legal when bit 0 of page_size_mask is set, and forbids them to
 * the driver elsewhere. The device takes them, since each side's demand on the other is the harness's to judge.
 */
export const STATUS_OF_INVERTED_RANGE = VIRTIO_IOMMU_S_RANGE;

/** MAP whose last physical address would lie past 2^64: there is nothing that it could mean. */
export const STATUS_OF_PHYS_PAST_64_BITS = VIRTIO_IOMMU_S_RANGE;

/**
 * MAP over a RESV_MEM region of any endpoint in the domain, whatever its subtype. INVAL, as for a range that is mapped
 * already: in both cases the range as such is possible, but taken.
 */
export const STATUS_OF_MAP_OVER_RESV_MEM = VIRTIO_IOMMU_S_INVAL;

/**
 * UNMAP with non-zero reserved bytes MAY get INVAL and MAY still act. INVAL, and it does not act, so that a driver that
 * leaves bytes of a recycled buffer there is found out, and a status other than OK always means that nothing changed.
 */
export const STATUS_OF_UNMAP_RESERVED = VIRTIO_IOMMU_S_INVAL;

/** DETACH that names another domain than the endpoint's MAY get INVAL. It does, and the endpoint stays where it is. */
export const STATUS_OF_DETACH_FROM_OTHER_DOMAIN = VIRTIO_IOMMU_S_INVAL;

/** ATTACH to the domain that the endpoint is in already, with the flag it was made with: nothing to do, and no mapping is lost. */
export const STATUS_OF_ATTACH_TO_SAME_DOMAIN = VIRTIO_IOMMU_S_OK;

/** Bound on what a guest can make the device remember: about 128 MiB. The answer past it is NOMEM. */
export const MAPPINGS_LIMIT = 1 << 21;
export const STATUS_OF_TOO_MANY_MAPPINGS = VIRTIO_IOMMU_S_NOMEM;

/*
 * Choices that are not a number:
 *
 * A refused request changes nothing. An ATTACH that is refused makes no domain and leaves the endpoint in its old one.
 *
 * Flags are recognized by what was negotiated: VIRTIO_IOMMU_ATTACH_F_BYPASS with BYPASS_CONFIG, VIRTIO_IOMMU_MAP_F_MMIO
 * with MMIO. The text lets a driver use them only then.
 *
 * MAP and UNMAP without MAP_UNMAP negotiated are types that are not available, and are returned unwritten like unknown ones.
 * PROBE goes by the offer, as its clause says.
 *
 * Endpoints are compatible unless the domain has mappings over a RESV_MEM region of the newcomer. Later MAPs respect the
 * regions of all endpoints in the domain.
 *
 * MAP to physical addresses where there is no memory is accepted: only the platform knows its carvings, and the access
 * that follows finds nothing there. MAP without READ and WRITE is accepted and lets nothing through.
 *
 * UNMAP outside input_range is a hole, and succeeds: only MAP is said to fail there.
 *
 * WRITE does not imply READ: a device that keeps them apart finds the drivers that do not.
 *
 * RESV_MEM regions take no part in translation. No mapping can lie over one, so a translated access to it faults; in bypass
 * mode all accesses are allowed.
 *
 * A readable part longer than its type needs is accepted, since later versions may add fields; the surplus is ignored.
 *
 * PROBE: the tail lies behind probe_size bytes. A writable part that is shorter holds a shorter property list with the tail
 * at its end, which is where a driver that chose that length looks; it gets INVAL there. Under 4 bytes there is no place
 * for a tail. Properties that do not fit into probe_size are left out whole.
 */
