/** All that a case or a monitor may import. */
export { counted } from '../../reference-device/counted.ts';
export { featureNames, hasFeature } from '../../reference-device/wire/features.ts';
export { ENDPOINT_ID_OFFSET, endpointId, IOMMU_BDF, SLOTS } from '../../reference-device/machine-setup.ts';
export {
  bridgeEndpoints,
  describedId,
  describedIds,
  describedPlace,
} from '../../reference-device/topology/topologies.ts';
export { defineCase } from './define-case.ts';
export { defineMonitor } from './define-monitor.ts';
export { askAboutRegions, knowledgeOf, mapInto } from './known-regions.ts';
export { accessText, judgeMapAndUnmap, judgeStale, judgeUnmapped } from './stale-access.ts';
export { hex } from './words.ts';
export {
  type Domain,
  type Domains,
  type Mapping,
  mappingAt,
  mappingsTouching,
  mappingsWithin,
} from '../world/domains.ts';
export { hasOwnDriver } from '../world/world.ts';
export { allZero, bytesOf, littleEndian, TAIL_SIZE } from '../world/wire-bytes.ts';
export type * from './vocabulary.ts';
