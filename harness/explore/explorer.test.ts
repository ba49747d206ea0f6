import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { outcomeOf } from '../scoring/judge-play.ts';
import { Player } from '../runner/player.ts';
import { deviationsOf, SCORED_TOPOLOGIES } from './drawn-machine.ts';
import { type Explored, explore, type ExplorerOptions, type Find } from './explorer.ts';
import { Lots } from './lots.ts';
import { storyMonitors } from './story-monitors.ts';
import { parseReplay, replayText, storyOf } from './replay-file.ts';
import { causesIn } from './root-cause.ts';
import { stepCount } from './step.ts';
import { LocalStoryPlayer, type StoryPlayer } from './story-player.ts';
import { plannedStory, type Story, textOf } from './story.ts';

const [first = 'plain', ...others] = SCORED_TOPOLOGIES;

const observer = {
  met() {},
  async played() {},
  lost() {},
  kept() {},
  shrinking() {},
  found() {},
  unrepeated() {},
};

function explored(faults: readonly string[], runs: number, options: Partial<ExplorerOptions> = {}): Promise<Explored> {
  return explore({
    driver: sampleDriver({ faults }),
    monitors: storyMonitors(MONITORS),
    profile: 'spec',
    bounds: { deviations: deviationsOf(['legal-variation', 'violation']), isAlwaysDeviant: false },
    topologies: [first, ...others],
    lots: new Lots(5),
    corpus: [],
    isWanted: () => true,
    isExpected: () => false,
    goesOn: (played) => played < runs,
    signal: new AbortController().signal,
    observer,
    ...options,
  });
}

const found = async (fault: string): Promise<readonly Find[]> => (await explored([fault], 60)).finds;

async function told(players?: readonly [StoryPlayer, ...StoryPlayer[]]): Promise<string[]> {
  const stories: string[] = [];
  const keep = async (story: Story): Promise<void> => void stories.push(textOf(story));
  const { finds } = await explored(['unmap-never-sent'], 60, {
    observer: { ...observer, played: keep },
    ...(players && { players }),
  });
  return [...stories, ...finds.map((find) => textOf(find))];
}

/** The player, which takes its time now and then. */
function slow(player: StoryPlayer): StoryPlayer {
  let count = 0;
  return {
    meet: (...it) => player.meet(...it),
    tell: async (...it) => {
      await sleep(++count % 3 === 0 ? 5 : 0);
      return player.tell(...it);
    },
    close: () => player.close(),
  };
}

const one = (): StoryPlayer =>
  slow(new LocalStoryPlayer(sampleDriver({ faults: ['unmap-never-sent'] }), storyMonitors(MONITORS), 'spec'));

describe('an exploration', () => {
  it('finds nothing wrong with a driver that does nothing wrong', async () => {
    const { finds, played, examples } = await explored([], 100);
    expect(finds).toEqual([]);
    expect(played).toBe(100);
    expect(examples.size).toBeGreaterThan(100);
  });

  it('finds a mistake, and a story of few steps that shows it', async () => {
    const finds = await found('unmap-never-sent');
    const find = finds.find(({ finding }) => finding.requirement === 'platform/free/unmapped-when-freed');
    expect(stepCount(find?.story.steps ?? [])).toBeLessThanOrEqual(5);
    expect(find?.story.machine).toEqual({});
  });

  it('tells the same stories, and finds the same, with the same seed', async () => {
    expect(await told()).toEqual(await told());
  });

  it('tells the same stories, and finds the same, however many play and whichever is faster', async () => {
    expect(await told([one(), one(), one()])).toEqual(await told());
  });

  it('loses no more than one story with what plays it', async () => {
    const lost: string[] = [];
    const { played } = await explored([], 5, {
      players: [
        {
          meet: (...it) => new LocalStoryPlayer(sampleDriver({}), [], 'spec').meet(...it),
          tell: async () => ({ findings: [], judged: [], situations: [], isDriverUsable: false, lost: 'It is gone.' }),
          close: async () => {},
        },
      ],
      observer: { ...observer, lost: (_, says) => void lost.push(says) },
    });
    expect([played, lost.length]).toEqual([5, 5]);
  });

  it.each(['unmap-first-granule-only', 'eventq-not-enabled', 'maps-all-memory'])(
    'leaves replays that show the same cause, ten times of ten (%s)',
    async (fault) => {
      const finds = await found(fault);
      expect(finds.length).toBeGreaterThan(0);
      for (const { cause, story } of finds) {
        const text = replayText({ driver: 'sample 1', machine: story.machine, steps: [...story.steps] });
        const replayed = plannedStory(storyOf(parseReplay(text, 'x')), { id: 'explore/x', title: 'x' }, 'spec');
        for (let time = 0; time < 10; time++) {
          const player = new Player(sampleDriver({ faults: [fault] }), storyMonitors(MONITORS));
          const { findings } = outcomeOf(await player.play(replayed));
          await player.close();
          expect([...causesIn(findings).keys()]).toContain(cause);
        }
      }
    },
  );

  it('holds a refusal against a driver where the machine gives it no reason', async () => {
    const input_range = { start: 0n, end: 0xffff_ffff_ffff_ffffn };
    const alloc = { do: 'alloc', endpoint: 'dma', buffer: 'b', length: 4096, access: 'read' } as const;
    const kept = (machine: Story['machine']): Story => ({ machine, steps: [alloc, { do: 'start' }, alloc] });
    const findsIn = async (machine: Story['machine']): Promise<string[]> =>
      (await explored(['top-overflow'], 1, { corpus: [kept(machine)] })).finds.map(({ cause }) => cause);
    expect(await findsIn({ config: { input_range } })).toEqual(['platform/contract/claimed-verbs-work alloc']);
    expect(await findsIn({ config: { input_range }, queueSizes: [2, 2] })).toEqual([]);
    expect(await findsIn({})).toEqual([]);
  });

  it('leaves alone what is expected, and what nobody asks for', async () => {
    const expected = await explored(['unmap-never-sent'], 60, { isExpected: () => true });
    expect(expected.finds.length).toBeGreaterThan(0);
    expect(expected.finds.every(({ isExpected }) => isExpected)).toBe(true);
    const unwanted = await explored(['unmap-never-sent'], 60, { isWanted: () => false });
    expect(unwanted.finds).toEqual([]);
  });

  it('plays what was kept before anything else', async () => {
    const kept: Story = { machine: {}, steps: [{ do: 'start' }, { do: 'faults' }] };
    const stories: Story[] = [];
    const keep = async (story: Story): Promise<void> => void stories.push(story);
    await explored([], 3, { corpus: [kept], observer: { ...observer, played: keep } });
    expect(stories[0]).toEqual(kept);
    expect(stories).toHaveLength(3);
  });
});
