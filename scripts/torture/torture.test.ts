import { expect, it } from 'vitest';
import { tortureAll } from './torture.ts';

const SECONDS = 120;

it.each([
  ['answers', 4000],
  ['files', 3000],
  ['messages', 8000],
])(
  '%s do no harm',
  async (name, inputs) => {
    const said: string[] = [];
    const { failureCount } = await tortureAll({ names: [name], inputs, seed: 1, say: (line) => said.push(line) });
    expect(said).toEqual([expect.stringMatching(`^${name}: \\d+ inputs, 0 did harm; seed 1, `)]);
    expect(failureCount).toBe(0);
  },
  SECONDS * 1000,
);

it('knows its kinds', async () => {
  await expect(tortureAll({ names: ['nothing'], inputs: 1, seed: 1, say: () => {} })).rejects.toThrow(
    'No kind is called nothing; the kinds are answers, files, messages, kills.',
  );
});
