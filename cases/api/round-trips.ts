/** For cases about how requests get to the device: what came of them shows in what an endpoint reaches. */
import type { Scene, Seen } from './vocabulary.ts';
import { hex } from './words.ts';

const FIRST = 0x10_0000n;
const PAGE = 0x1000;

/** Maps a page for the endpoint `dma`, lets it try, unmaps the page and lets it try again; `times` times, each time the next page. */
export async function roundTrips({ driver, machine }: Scene, times: number): Promise<void> {
  await driver.attach({ endpoint: 'dma' });
  for (let round = 0; round < times; round++) {
    const iova = FIRST + BigInt(round * PAGE);
    await driver.map({ iova, length: PAGE, access: 'read-write', buffer: 'round-trips' });
    await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'mapped' });
    await driver.unmap({ iova, length: PAGE });
    await machine.dma({ endpoint: 'dma', address: iova, access: 'read', label: 'unmapped' });
  }
}

type Judge = Pick<
  Seen<'platform/map/exactly-as-asked' | 'platform/free/unmapped-when-freed'>,
  'check' | 'dma' | 'world'
>;

/** Judges what came of `roundTrips`. */
export function judgeRoundTrips(seen: Judge): void {
  for (const access of seen.dma('mapped')) {
    const says = `DMA to ${hex(access.address)} faults although the driver mapped it.`;
    seen.check('platform/map/exactly-as-asked', seen.world.reached(access), access, says);
  }
  for (const access of seen.dma('unmapped')) {
    const says = `DMA to ${hex(access.address)} still succeeds after the driver unmapped it; a fault was expected.`;
    seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
  }
}
