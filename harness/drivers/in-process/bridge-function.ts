/** The bridge of a topology as the sample driver meets it: configuration space with a type 1 header, and nothing behind BARs. */
import type { PciBridge } from '../../../reference-device/topology/topologies.ts';
import type { PlatformFunction } from '../sample-driver/platform.ts';

const CONFIG_BYTES = 256;
const CAPABILITY_AT = 0x40;

/** Header registers and the PCI Express capability: offset, width in bytes, value. */
const registersOf = ({ bus }: PciBridge): readonly (readonly [number, 1 | 2, number])[] => [
  [0x00, 2, 0x1b36],
  [0x02, 2, 0x000e],
  // Status: there is a list of capabilities.
  [0x06, 2, 0x0010],
  // Class code: a bridge between PCI buses.
  [0x0a, 2, 0x0604],
  [0x0e, 1, 1],
  // Secondary bus, and the last one below it.
  [0x19, 1, bus],
  [0x1a, 1, bus],
  [0x34, 1, CAPABILITY_AT],
  [CAPABILITY_AT, 1, 0x10],
  // PCI Express Capabilities: version 2, from PCI Express to conventional PCI.
  [CAPABILITY_AT + 2, 2, 0x0072],
];

/** Reads beyond the registers give 0; writes change nothing that a driver could want. */
export function bridgeFunction(bridge: PciBridge): PlatformFunction {
  const config = new DataView(new ArrayBuffer(CONFIG_BYTES));
  for (const [offset, width, value] of registersOf(bridge)) {
    if (width === 1) config.setUint8(offset, value);
    else config.setUint16(offset, value, true);
  }
  return {
    name: 'bridge',
    address: bridge.bdf,
    readConfig(offset, out) {
      for (let at = 0; at < out.byteLength; at++) {
        out.setUint8(at, offset + at < CONFIG_BYTES ? config.getUint8(offset + at) : 0);
      }
    },
    writeConfig() {},
    readBar() {},
    writeBar() {},
    interrupts: () => 0,
    lineInterrupts: () => 0,
  };
}
