/** Entry of a process that plays: jobs.ts starts it. */
import './engine-flags.ts';
import { CASES, MONITORS } from '../../cases/catalogue.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import { LocalStoryPlayer, storyJob } from '../explore/story-player.ts';
import { storyMonitors } from '../explore/story-monitors.ts';
import { serveJob } from '../runner/job-body.ts';
import { allVariants, type PlannedVariant } from '../runner/plan.ts';
import { Player } from '../runner/player.ts';
import { chooseDriver, DRIVER_OPTIONS } from './drivers.ts';
import { readOptions } from './options.ts';
import { takeInCases } from './own-cases.ts';

const plans = new Map<ProfileName, ReadonlyMap<string, PlannedVariant>>();

function planOf(profile: ProfileName): ReadonlyMap<string, PlannedVariant> {
  const known = plans.get(profile);
  if (known) return known;
  const plan = new Map(allVariants(CASES, profile).map((variant) => [variant.id, variant]));
  plans.set(profile, plan);
  return plan;
}

serveJob({
  async open({ words, monitors, profile, tellsStories }, tell, signal) {
    const given = readOptions(words, DRIVER_OPTIONS, 'run');
    await takeInCases(given);
    const { driver } = await chooseDriver(given, Object.assign(tell, { signal }), { command: 'run' });
    if (tellsStories) return storyJob(new LocalStoryPlayer(driver, storyMonitors(MONITORS), profile));
    return new Player(
      driver,
      MONITORS.filter(({ id }) => monitors?.includes(id) !== false),
      { judgesEndpoints: true },
    );
  },
  variant({ profile }, id) {
    const variant = planOf(profile).get(id);
    if (!variant) throw new Error(`assertion: there is no variant ${id}`);
    return variant;
  },
});
