/** All that a case or a monitor may import. */
export { counted } from '../../reference-device/counted.ts';
export { featureNames, hasFeature } from '../../reference-device/wire/features.ts';
export { ENDPOINT_ID_OFFSET, endpointId, IOMMU_BDF, SLOTS } from '../../reference-device/machine-setup.ts';
export {
  describedId,
  describedIds,
  describedPlace,
  isIsolable,
} from '../../reference-device/topology/topologies.ts';
export { DEFAULT_FEATURES, ringsWith } from './default-machine.ts';
export { defineCase } from './define-case.ts';
export { defineDrafts } from './define-drafts.ts';
export { defineMonitor } from './define-monitor.ts';
export { judgeFirstFill } from './first-fill.ts';
export { askAboutRegions, knowledgeOf, mapInto } from './known-regions.ts';
export { judgeAttached, judgeNamed } from './attachments.ts';
export { judgeExposures, judgePhysical } from './exposures.ts';
export { judgeRoundTrips, roundTrips } from './round-trips.ts';
export { STATUS, statusByte, statusWith } from './device-status.ts';
export { enablesVirtualFunctions } from './virtual-functions.ts';
export { accessText, attachFlags, deviceStatus, hex, mapFlags, requestStatus } from './words.ts';
export {
  type Domain,
  type Domains,
  type Mapping,
  isMappedThrough,
  mappingAt,
  mappingsWithin,
} from '../world/domains.ts';
export { keptMappings } from '../world/kept-mappings.ts';
export { hasOwnDriver } from '../world/world.ts';
export { allZero, bytesOf, TAIL_SIZE } from '../world/wire-bytes.ts';
export type * from './vocabulary.ts';
