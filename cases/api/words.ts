/** How cases and monitors write numbers in their sentences. */
export const hex = (value: bigint | number): string => `0x${value.toString(16)}`;
