/** How many stories a second the sample driver is taken through, played, judged and looked at for what is new in them. */
import { MONITORS } from '../../cases/catalogue.ts';
import { machineOf } from '../../cases/api/default-machine.ts';
import { machineObjection } from '../../reference-device/machine-validation.ts';
import { sampleDriver } from '../../harness/drivers/in-process/sample-driver.ts';
import { deviationsOf } from '../../harness/explore/drawn-machine.ts';
import { Lots } from '../../harness/explore/lots.ts';
import { drawnStory } from '../../harness/explore/mutation.ts';
import { situationsOf } from '../../harness/explore/situations.ts';
import { unrolled } from '../../harness/explore/step.ts';
import { plannedStory, type Story } from '../../harness/explore/story.ts';
import { Player } from '../../harness/runner/player.ts';

/** Commands and accesses of a story, about 20 in the middle. */
const LEAST = 15;
const MOST = 25;

const isOfThatLength = ({ machine, steps }: Story): boolean => {
  const { length } = [...unrolled(steps)];
  return length >= LEAST && length <= MOST && machineObjection(machineOf(machine)) === undefined;
};

export class StoryBench {
  static readonly batch = 100;
  readonly #stories: Story[] = [];
  readonly #player = new Player(sampleDriver({}), MONITORS);

  constructor() {
    const lots = new Lots(1);
    const bounds = { deviations: deviationsOf(['legal-variation', 'violation']), isAlwaysDeviant: false };
    while (this.#stories.length < StoryBench.batch) {
      const story = drawnStory({ lots, bounds, profile: 'spec', described: { topology: 'plain' } });
      if (isOfThatLength(story)) this.#stories.push(story);
    }
  }

  async run(): Promise<void> {
    for (const story of this.#stories) {
      const variant = plannedStory(story, { id: 'explore/story', title: 'A story' }, 'spec');
      const result = await this.#player.play(variant);
      situationsOf(result.trace, variant.setup);
    }
  }

  close(): Promise<void> {
    return this.#player.close();
  }
}
