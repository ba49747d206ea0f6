/** A device as VFIO sees it: numbered regions and numbered kinds of interrupts, whatever bus it is on (linux/vfio.h). */
import type { MmioWindow } from '../../reference-device/transport/mmio-window.ts';
import type { PciFunction } from '../../reference-device/transport/pci-function.ts';
import type { WindowCarrier } from './window-carrier.ts';
import { CONFIG_SPACE_SIZE, DEVICE_FLAG, IRQ, PLATFORM_IRQ, PLATFORM_REGION, REGION } from './messages.ts';

/** An interrupt that is masked when it has come, and comes again when it is unmasked while the line is still up. */
export interface InterruptLine {
  readonly index: number;
  isUp(): boolean;
}

export interface ServedDevice {
  /** What it is on, as `DEVICE_FLAG`. */
  readonly flags: number;
  readonly regionCount: number;
  /** In bytes; 0 for a region that the device does not have. */
  regionSize(region: number): number;
  /** Fills `out` from the region; `out.byteLength` is the width on the bus. */
  read(region: number, offset: number, out: DataView): void;
  write(region: number, offset: number, data: DataView): void;
  /** Kinds of interrupts; those that are not named here have no members. */
  readonly irqTypes: number;
  /** Members that interrupt once and are done. */
  readonly vectors?: { readonly index: number; readonly count: number };
  readonly line?: InterruptLine;
  reset(): void;
}

/** BARs are regions 0..5, configuration space is 7; interrupts are MSI-X, and INTx while that is off. */
export const servedFunction = (pci: PciFunction): ServedDevice => ({
  flags: DEVICE_FLAG.PCI | DEVICE_FLAG.RESET,
  regionCount: REGION.COUNT,
  regionSize: (region) => (region === REGION.CONFIG ? CONFIG_SPACE_SIZE : (pci.barSizes[region] ?? 0)),
  read: (region, offset, out) => {
    if (region === REGION.CONFIG) pci.readConfig(offset, out);
    else pci.readBar(region, offset, out);
  },
  write: (region, offset, data) => {
    if (region === REGION.CONFIG) pci.writeConfig(offset, data);
    else pci.writeBar(region, offset, data);
  },
  irqTypes: IRQ.COUNT,
  vectors: { index: IRQ.MSIX, count: pci.msixVectorCount },
  line: { index: IRQ.INTX, isUp: () => pci.lineUp },
  reset: () => pci.reset(),
});

/** A window behind a BAR: its interrupt is INTx. */
export function servedCarrier(carrier: WindowCarrier): ServedDevice {
  const { vectors: _none, ...device } = servedFunction(carrier);
  return device;
}

/** A platform device: one region, which is the window, and one interrupt. */
export const servedWindow = (window: MmioWindow): ServedDevice => ({
  flags: DEVICE_FLAG.PLATFORM | DEVICE_FLAG.RESET,
  regionCount: PLATFORM_REGION.COUNT,
  regionSize: (region) => (region === PLATFORM_REGION.WINDOW ? window.size : 0),
  read: (_region, offset, out) => window.readRegister(offset, out),
  write: (_region, offset, data) => window.writeRegister(offset, data),
  irqTypes: PLATFORM_IRQ.COUNT,
  vectors: { index: PLATFORM_IRQ.LINE, count: 1 },
  reset: () => window.reset(),
});
