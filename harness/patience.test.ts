import { describe, expect, it } from 'vitest';
import { Patience, within } from './patience.ts';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('patience', () => {
  it('ends when its time is over', async () => {
    expect(await within(new Promise(() => {}), 30)).toBe(false);
  });

  it('does not end when it was stopped', async () => {
    let expired = false;
    const patience = new Patience(20, () => (expired = true));
    patience.stop();
    await sleep(60);
    expect(expired).toBe(false);
  });

  it('does not count a time in which this process stood still', async () => {
    let expired = false;
    const patience = new Patience(400, () => (expired = true));
    const until = performance.now() + 450;
    while (performance.now() < until);
    await sleep(0);
    await sleep(0);
    expect(expired).toBe(false);
    patience.stop();
  });
});
