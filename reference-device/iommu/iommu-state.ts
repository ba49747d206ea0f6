import type { DeviceFault, DeviceFaultName } from '../device-faults.ts';
import type { IommuSetup } from '../machine-setup.ts';
import { featureWord, hasFeature } from '../wire/features.ts';
import { Config } from '../wire/iommu.ts';
import type { MutableConfig } from './config-space.ts';
import { Domains } from './domains.ts';
import { type Endpoint, type EndpointDescription, type Endpoints, makeEndpoints } from './endpoints.ts';

/** Everything that requests change and accesses depend on. */
export class IommuState {
  /** Feature word that the device offers. */
  readonly offered: bigint;
  /** Feature word that the driver accepted; 0n until FEATURES_OK. */
  accepted = 0n;
  readonly config: MutableConfig;
  /** Bytes of the configuration; no end where more is shown than there is. */
  readonly configLength: number;
  readonly #endpoints: Map<number, Endpoint>;
  readonly #deviations: ReadonlySet<DeviceFaultName>;
  /** `bypass-acts-until-written`: unattached endpoints are let through, whatever the configuration says. */
  hiddenBypass: boolean;
  readonly domains = new Domains();

  constructor(setup: IommuSetup, endpoints: readonly EndpointDescription[], faults: readonly DeviceFault[] = []) {
    let offered = featureWord(setup.features);
    for (const bit of setup.foreignFeatureBits) offered |= 1n << BigInt(bit);
    this.offered = offered;
    // iommu/device/config/bypass-init-one: the setup says with which value it starts.
    this.config = { ...setup.config };
    const { configLength = Config.size } = setup;
    this.configLength = faults.some(({ name }) => name === 'pci-large-length') ? Infinity : configLength;
    this.#endpoints = makeEndpoints(endpoints.map((endpoint) => this.#asReported(endpoint)));
    this.#deviations = new Set(faults.map(({ name }) => name));
    this.hiddenBypass = this.deviates('bypass-acts-until-written');
  }

  /** Whether the device is told to deviate in this way. */
  deviates(name: DeviceFaultName): boolean {
    return this.#deviations.has(name);
  }

  get endpoints(): Endpoints {
    return this.#endpoints;
  }

  /** The platform puts one more endpoint behind this IOMMU, unattached; one that is there already stays as it is. */
  addEndpoint(description: EndpointDescription): void {
    const reported = this.#asReported(description);
    if (!this.#endpoints.has(reported.id)) this.#endpoints.set(reported.id, { ...reported, domain: undefined });
  }

  /** A reserved region is a property (5.13.6.8.1): where PROBE is not offered there is none, and no MAP can be wrong about it. */
  #asReported(description: EndpointDescription): EndpointDescription {
    return hasFeature(this.offered, 'VIRTIO_IOMMU_F_PROBE') ? description : { id: description.id, resvMem: [] };
  }

  /** The endpoint is gone: detached, and unknown from now on. Its domain ends if nobody else is in it. */
  removeEndpoint(id: number): void {
    const endpoint = this.#endpoints.get(id);
    if (endpoint === undefined) return;
    this.domains.detach(endpoint);
    this.#endpoints.delete(id);
  }

  /** A device reset: `iommu/prose/reset-detaches-all`; `iommu/device/config/bypass-survives-device-reset`. */
  reset(): void {
    this.accepted = 0n;
    if (this.deviates('reset-keeps-state')) return;
    for (const endpoint of this.endpoints.values()) this.domains.detach(endpoint);
  }
}
