/** The driver of a virtio random number device: buffers that the device fills (5.4). */
import { EndpointDriver } from './endpoint-driver.ts';

export class RngDriver extends EndpointDriver {
  protected readonly queueCount = 1;

  transfer(length: number): Uint8Array | string {
    const exchanged = this.queue(0)?.exchange([{ length }]) ?? this.down;
    if (typeof exchanged === 'string') return exchanged;
    const bytes = exchanged.contents[0]?.subarray(0, Math.min(exchanged.written, length));
    return bytes && bytes.byteLength > 0 ? bytes : `${this.name} gave nothing`;
  }

  begin(length: number): string | undefined {
    const handed = this.queue(0)?.hand([{ length }]) ?? this.down;
    return typeof handed === 'string' ? handed : undefined;
  }
}
