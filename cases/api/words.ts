/** How cases and monitors write numbers and accesses in their sentences. */
import type { EventOf } from '../../reference-device/trace-events.ts';

export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** `write at 0xfffff000`. */
export const accessText = ({ access, address }: EventOf<'dma'>): string => `${access} at ${hex(address)}`;
