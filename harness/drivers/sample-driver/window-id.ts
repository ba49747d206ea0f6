/** How drivers name an endpoint that is no PCI function. */
import type { DriverFaults } from './driver-faults.ts';
import type { Described } from './topology.ts';

/** The endpoint for requests, given what the description says of the device in the window at `address`. */
export function windowWith(
  described: Described | undefined,
  address: number,
  faults: DriverFaults,
): Described | undefined {
  if (described === undefined || faults.has('platform-endpoint-forgotten')) return undefined;
  return faults.has('platform-endpoint-by-address') ? { ...described, id: address } : described;
}
