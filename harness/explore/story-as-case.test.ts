import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Case } from '../../cases/api/define-case.ts';
import { MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { planned } from '../runner/plan.ts';
import { Player } from '../runner/player.ts';
import { outcomeOf } from '../scoring/judge-play.ts';
import { parseReplay, type Replay, replayText } from './replay-file.ts';
import { storyAsCase } from './story-as-case.ts';
import type { Step } from './step.ts';

// Below the checkout, where what compiles the tests looks for TypeScript.
const scratch = mkdtempSync(resolve('node_modules/.viommuspec-test-'));
mkdirSync(join(scratch, 'found'));
symlinkSync(resolve('cases/api'), join(scratch, 'api'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const replayOf = (steps: Step[], machine: Replay['machine'] = {}): Replay =>
  parseReplay(
    replayText({
      driver: "somebody's 1",
      shows: { requirement: 'platform/free/unmapped-when-freed', verdict: 'fail', says: 'it \\ is\nnot' },
      machine,
      steps,
    }),
    'x',
  );

let number = 0;

async function written(replay: Replay): Promise<Case> {
  const path = join(scratch, 'found', `case-${number++}.case.ts`);
  writeFileSync(path, storyAsCase('found/it', replay));
  const { default: entry } = (await import(path)) as { default: Case };
  return entry;
}

async function found(entry: Case, faults: readonly string[]): Promise<string[]> {
  const [variant] = entry.variants;
  if (variant === undefined) throw new Error('a case has a variant');
  const player = new Player(sampleDriver({ faults }), MONITORS);
  const result = await player.play(planned(entry, variant));
  await player.close();
  expect(result.error).toBeUndefined();
  expect(result.refused).toBeUndefined();
  return outcomeOf(result).findings.map(({ requirement }) => requirement);
}

describe('a replay as a case', () => {
  it('shows what the replay shows', async () => {
    const map = {
      do: 'map',
      domain: 'd1',
      iova: 0x10_0000n,
      length: 0x1000,
      access: 'read-write',
      buffer: 'b1',
    } as const;
    const entry = await written(
      replayOf([
        { do: 'start' },
        { do: 'attach', endpoint: 'dma', domain: 'd1' },
        { do: 'repeat', times: 3, advance: 0x1000n, steps: [map] },
        { do: 'unmap', domain: 'd1', iova: 0x10_1000n, length: 0x1000 },
        { do: 'dma', endpoint: 'dma', access: 'read', length: 4, at: 0x10_1000n },
      ]),
    );
    expect(await found(entry, ['unmap-never-sent'])).toContain('platform/free/unmapped-when-freed');
    expect(await found(entry, [])).toEqual([]);
    expect(entry.needs.verbs).toEqual(['start', 'attach', 'map', 'unmap']);
  });

  it('can have steps of every kind, and any machine', async () => {
    const entry = await written(
      replayOf(
        [
          { do: 'start' },
          { do: 'alloc', endpoint: 'dma', buffer: 'b1', length: 4096, access: 'read' },
          { do: 'dma', endpoint: 'dma', access: 'read', length: 4, buffer: 'b1', at: 0n },
          { do: 'free', endpoint: 'dma', buffer: 'b1' },
          { do: 'put-in', endpoint: 'rng2', resvMem: [{ subtype: 1, start: 0xfee0_0000n, end: 0xfeef_ffffn }] },
          { do: 'take-out', endpoint: 'rng2' },
          { do: 'take-out', endpoint: 'dma', bySurprise: true },
          { do: 'io', endpoint: 'rng', length: 64 },
          { do: 'retry', endpoint: 'rng' },
          { do: 'regions', endpoint: 'rng' },
          { do: 'faults' },
          { do: 'need-reset' },
          { do: 'pull-iommu' },
        ],
        {
          config: { input_range: { start: 0n, end: 0xffff_ffff_ffff_ffffn } },
          faults: [{ name: 'reorder-completions' }],
        },
      ),
    );
    expect(await found(entry, [])).toEqual([]);
    expect(entry.needs.optionalVerbs).toEqual(['plug', 'unplug', 'lose-iommu']);
    expect(entry.variants[0]?.given.faults).toEqual([{ name: 'reorder-completions' }]);
  });
});
