import type { RequestName, Scene } from '../api/index.ts';
import { type Row, rowsFor } from './answers.ts';
import { judgeSweep, SWEEP_REQUIREMENTS } from './sweep-judge.ts';

const A = 0x10_0000n;
const B = 0x20_0000n;
const LENGTH = 0x1000;

/** One endpoint is attached, mapped for and detached; then all is stopped and started again. */
async function tour({ driver, machine }: Scene): Promise<void> {
  const access = (address: bigint, label: string): Promise<unknown> =>
    machine.dma({ endpoint: 'dma', address, access: 'read', label });
  const map = (iova: bigint): Promise<{ ok: boolean }> =>
    driver.try.map({ iova, length: LENGTH, access: 'read-write' });
  await driver.try.start();
  const attached = await driver.try.attach({ endpoint: 'dma' });
  if (attached.ok) {
    const mapped = await map(A);
    const unmapped = mapped.ok && (await driver.try.unmap({ iova: A, length: LENGTH })).ok;
    if (unmapped) await access(A, 'unmapped');
    const left = await map(B);
    const detached = await driver.try.detach({ endpoint: 'dma' });
    if (left.ok && detached.ok) await access(B, 'detached');
  }
  await driver.try.stop();
  const started = await driver.try.start();
  if (started.ok && (await driver.try.attach({ endpoint: 'dma' })).ok) await map(A);
}

/**
 * What a case is made of that gives every answer to each of the first `count` requests of a type, while an endpoint without a
 * driver of its own is mapped for.
 */
export const mappingSweep = (request: RequestName, count: number) => ({
  requirements: SWEEP_REQUIREMENTS,
  needs: { verbs: ['start', 'stop', 'attach', 'detach', 'map', 'unmap'] } as const,
  vary: rowsFor(request, count),
  given: ({ faults }: Row) => ({ endpoints: { dma: {} }, faults }),
  when: tour,
  then: judgeSweep,
});
