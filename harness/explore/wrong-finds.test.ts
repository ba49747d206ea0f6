/** Stories in which explore has blamed the sample driver for nothing: the judges were wrong, and are right now. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { MONITORS } from '../../cases/catalogue.ts';
import { sampleDriver } from '../drivers/in-process/sample-driver.ts';
import { Player } from '../runner/player.ts';
import { outcomeOf } from '../scoring/judge-play.ts';
import { readReplay } from './corpus.ts';
import { storyMonitors } from './story-monitors.ts';
import { storyOf } from './replay-file.ts';
import { plannedStory } from './story.ts';

const FOLDER = 'harness/explore/fixtures/wrong-finds';

it.each(readdirSync(FOLDER))('nothing is wrong in %s', async (name) => {
  const story = storyOf(readReplay(join(FOLDER, name)));
  const player = new Player(sampleDriver({}), storyMonitors(MONITORS));
  const { findings } = outcomeOf(await player.play(plannedStory(story, { id: 'explore/x', title: name }, 'spec')));
  await player.close();
  expect(findings.map(({ says }) => says)).toEqual([]);
});
