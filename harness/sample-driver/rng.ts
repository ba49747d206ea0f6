/** The driver of a virtio random number device: buffers that the device fills (5.4). */
import { EndpointDriver } from './endpoint-driver.ts';

export class RngDriver extends EndpointDriver {
  transfer(length: number): Uint8Array | string {
    const exchanged = this.exchange([{ length }]);
    if (typeof exchanged === 'string') return exchanged;
    const bytes = exchanged.contents[0]?.subarray(0, Math.min(exchanged.written, length));
    return bytes && bytes.byteLength > 0 ? bytes : `${this.name} gave nothing`;
  }
}
