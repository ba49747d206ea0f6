/** What PROBE says of endpoints, and whether it is accepted. */
import type { DriverFaults } from './driver-faults.ts';
import type { Endpoint } from './endpoint.ts';
import { PROBE } from './features.ts';
import { DOWN, type IommuDevice } from './iommu-device.ts';
import { reservedRegions, type ReservedRegion } from './probe.ts';
import type { RequestWriter } from './request-bytes.ts';

const UNREADABLE = 'its properties make no sense';

export class EndpointProperties {
  readonly #device: IommuDevice;
  readonly #writer: RequestWriter;
  readonly #faults: DriverFaults;
  /** Endpoints the properties of which are not accepted. */
  readonly #unreadable = new WeakSet<Endpoint>();
  /** Properties of the endpoint that was probed first. */
  #firstRegions: readonly ReservedRegion[] | undefined;

  constructor(device: IommuDevice, writer: RequestWriter, faults: DriverFaults) {
    this.#device = device;
    this.#writer = writer;
    this.#faults = faults;
  }

  /** Asks for the endpoint's properties. A sentence if the device gives none. */
  probe(endpoint: Endpoint): string | undefined {
    const { requests, config } = this.#device;
    if (!requests || !config || endpoint.id === undefined) return DOWN;
    if (this.#faults.has('probe-skipped')) return undefined;
    if (!this.#device.hasFeature(PROBE) && !this.#faults.has('probe-without-feature')) return undefined;
    if (this.#firstRegions && this.#faults.has('probe-once-for-all')) {
      endpoint.regions = this.#firstRegions;
      return undefined;
    }
    const request = this.#writer.probe(endpoint.id, config.probeSize);
    if (this.#faults.has('probes-twice')) requests.send(request);
    const result = requests.send(request);
    if (!result.ok) return result.says;
    const regions = reservedRegions(result.properties ?? new Uint8Array(0), this.#faults);
    if (!regions) {
      this.#unreadable.add(endpoint);
      return UNREADABLE;
    }
    endpoint.regions = regions;
    this.#firstRegions ??= endpoint.regions;
    return undefined;
  }

  /** Why the endpoint is not to be attached; undefined if its properties can be lived with. */
  objection(endpoint: Endpoint): string | undefined {
    return this.#unreadable.has(endpoint) ? UNREADABLE : undefined;
  }

  /** The device is down: other endpoints will be probed first. */
  forget(): void {
    this.#firstRegions = undefined;
  }
}
