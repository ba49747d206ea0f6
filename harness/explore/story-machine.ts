/** The machine of a story as it stands in a replay file: a `Given`, with 64-bit numbers in hex. */
import { z } from 'zod';
import type { FeatureName } from '../../cases/api/vocabulary.ts';
import { DEVICE_FAULTS, type DeviceFaultName } from '../../reference-device/device-faults.ts';
import type { CapabilityKind, IommuName, TopologyName } from '../../reference-device/machine-setup.ts';
import { DESCRIPTION_ODDITIES, type DescriptionOddity } from '../../reference-device/topology/oddities.ts';
import { TOPOLOGIES } from '../../reference-device/topology/topologies.ts';
import { CAPABILITY_KINDS } from '../../reference-device/transport/pci-show.ts';
import { FEATURE_BITS } from '../../reference-device/wire/features.ts';
import { Hex64 } from './hex-codec.ts';
import { Region, Slot } from './step.ts';

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): [Name, ...Name[]] =>
  Object.keys(table) as [Name, ...Name[]];

const Features = z.array(z.enum(namesOf<FeatureName>(FEATURE_BITS)));
const Uint32 = z.int().min(0).max(0xffff_ffff);
const Range64 = z.strictObject({ start: Hex64, end: Hex64 });
const IommuName = z.enum(['iommu', 'iommu2', 'iommu3']);

const Config = z.strictObject({
  page_size_mask: Hex64.exactOptional(),
  input_range: Range64.exactOptional(),
  domain_range: z.strictObject({ start: Uint32, end: Uint32 }).exactOptional(),
  probe_size: Uint32.exactOptional(),
  bypass: z.int().min(0).max(0xff).exactOptional(),
});

const QueueSizes = z.tuple([z.int().min(1).max(0x8000), z.int().min(1).max(0x8000)]);

const Deviation = z.strictObject({
  name: z.enum(namesOf<DeviceFaultName>(DEVICE_FAULTS)),
  device: IommuName.exactOptional(),
  request: z.enum(['ATTACH', 'DETACH', 'MAP', 'UNMAP', 'PROBE']).exactOptional(),
  nth: z.int().min(1).max(0xffff).exactOptional(),
  during: z
    .string()
    .regex(/^[a-z-]{1,20}$/)
    .exactOptional(),
  endpoint: Uint32.exactOptional(),
  status: z.int().min(0).max(0xff).exactOptional(),
  range: Range64.exactOptional(),
});

const Endpoint = z.strictObject({
  resvMem: z.array(Region).max(64).exactOptional(),
  otherProperties: z
    .array(
      z.strictObject({
        behind: z.int().min(0).max(64),
        type: z.int().min(0).max(0xffff),
        length: z.int().min(0).max(0xffff),
      }),
    )
    .max(64)
    .exactOptional(),
  vectors: z.int().min(0).max(64).exactOptional(),
});

export const StoryMachine = z.strictObject({
  topology: z.enum(namesOf<TopologyName>(TOPOLOGIES)).exactOptional(),
  offers: Features.exactOptional(),
  withholds: Features.exactOptional(),
  foreignFeatureBits: z.array(z.int().min(0).max(63)).exactOptional(),
  config: Config.exactOptional(),
  queueSizes: QueueSizes.exactOptional(),
  configLength: z.int().min(0).max(0x1_0000).exactOptional(),
  vectors: z.int().min(0).max(64).exactOptional(),
  capabilities: z
    .array(z.enum(namesOf<CapabilityKind>(CAPABILITY_KINDS)))
    .max(32)
    .exactOptional(),
  oddities: z.array(z.enum(namesOf<DescriptionOddity>(DESCRIPTION_ODDITIES))).exactOptional(),
  /** Where interrupts of MSI-X are sent to. */
  doorbell: Hex64.exactOptional(),
  moreIommus: z
    .partialRecord(
      IommuName,
      z.strictObject({ config: Config.exactOptional(), queueSizes: QueueSizes.exactOptional() }),
    )
    .exactOptional(),
  /** The endpoints of any machine if left out. */
  endpoints: z.partialRecord(Slot, Endpoint).exactOptional(),
  faults: z.array(Deviation).max(16).exactOptional(),
});
export type StoryMachine = z.infer<typeof StoryMachine>;
