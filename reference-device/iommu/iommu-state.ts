import type { IommuSetup } from '../machine/setup.ts';
import { featureWord } from '../wire/features.ts';
import type { MutableConfig } from './config-space.ts';
import { Domains } from './domains.ts';
import { type EndpointDescription, type Endpoints, makeEndpoints } from './endpoints.ts';

/** Everything that requests change and accesses depend on. */
export class IommuState {
  /** Feature word that the device offers. */
  readonly offered: bigint;
  /** Feature word that the driver accepted; 0n until FEATURES_OK. */
  accepted = 0n;
  readonly config: MutableConfig;
  readonly endpoints: Endpoints;
  readonly domains = new Domains();

  constructor(setup: IommuSetup, endpoints: readonly EndpointDescription[]) {
    let offered = featureWord(setup.features);
    for (const bit of setup.foreignFeatureBits) offered |= 1n << BigInt(bit);
    this.offered = offered;
    this.config = { ...setup.config };
    this.endpoints = makeEndpoints(endpoints);
  }

  /** A device reset: `iommu/prose/reset-detaches-all`; `iommu/device/config/bypass-survives-device-reset`. */
  reset(): void {
    this.accepted = 0n;
    for (const endpoint of this.endpoints.values()) this.domains.detach(endpoint);
  }
}
