import { expect, it } from 'vitest';
import { openWorkerMachine } from './worker-machine.ts';

it('gives up a device that is blocked, and does not wait for it to end', { timeout: 30_000 }, async () => {
  const entry = new URL('./fixtures/blocked-machine.ts', import.meta.url);
  const machine = await openWorkerMachine(entry, { directory: '', answerMs: 500 });
  await expect(machine.execute({ do: 'take-trace' })).rejects.toThrow(
    "The device has not carried out 'take-trace' within 0.5 s.",
  );
  await machine.close();
});
