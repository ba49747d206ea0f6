/** Interrupts of a machine that is no PC: where they are sent, as PROBE reports it. */
import {
  type EndpointSetup,
  isPciSlot,
  type MachineSetup,
  type ResvMem,
  SLOTS,
} from '../../../reference-device/machine-setup.ts';
import type { Machine } from '../../machine.ts';

/** Both ends belong to it. */
export interface Doorbell {
  readonly start: bigint;
  readonly end: bigint;
}

const MSI = 1;

/** x86's, which machines have if nothing is said. */
const PC: Doorbell = { start: 0xfee0_0000n, end: 0xfeef_ffffn };

const isAt = ({ subtype, start, end }: ResvMem, doorbell: Doorbell): boolean =>
  subtype === MSI && start === doorbell.start && end === doorbell.end;

/**
 * The set-up, in which endpoints that interrupt report `doorbell` as their MSI region in place of x86's, and also where a
 * case has chosen other regions for them: QEMU has the MSI-X tables and sends the messages itself, so a driver that had to
 * map the doorbell would put addresses into the table that nobody translates, and wait for ever. The DMA engine, which never
 * interrupts, is left as the case has it.
 */
export const setupWithDoorbell = (setup: MachineSetup, doorbell: Doorbell): MachineSetup => ({
  ...setup,
  endpoints: setup.endpoints.map((endpoint) => endpointWith(endpoint, doorbell)),
});

/** The machine, in which the same goes for endpoints that come later. */
export const withDoorbell = (machine: Machine, doorbell: Doorbell): Machine => ({
  execute: (command) =>
    machine.execute(
      command.do === 'add-endpoint' ? { ...command, endpoint: endpointWith(command.endpoint, doorbell) } : command,
    ),
  close: () => machine.close(),
});

function endpointWith(endpoint: EndpointSetup, doorbell: Doorbell): EndpointSetup {
  if (!isPciSlot(endpoint.slot) || SLOTS[endpoint.slot].kind === 'dma-engine') return endpoint;
  const others = endpoint.resvMem.filter((region) => !isAt(region, PC));
  return { ...endpoint, resvMem: [{ subtype: MSI, ...doorbell }, ...others] };
}
