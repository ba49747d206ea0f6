/** How drivers name an endpoint that is no PCI function. */
import type { DriverFaults } from './driver-faults.ts';

/** The endpoint ID for requests, given what the description says of the device in the window at `address`. */
export function windowIdWith(id: number | undefined, address: number, faults: DriverFaults): number | undefined {
  if (id === undefined || faults.has('platform-endpoint-forgotten')) return undefined;
  return faults.has('platform-endpoint-by-address') ? address : id;
}
