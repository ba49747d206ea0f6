/** A story in a file: what was found, in front of whom, and all that is needed to play it again with any driver. */
import { z } from 'zod';
import { isProfileName, type ProfileName } from '../../reference-device/profiles.ts';
import { machineOf } from '../../cases/api/default-machine.ts';
import { machineObjection } from '../../reference-device/machine-validation.ts';
import { EXIT, HarnessError } from '../harness-error.ts';
import type { Story } from './story.ts';
import { Step } from './step.ts';
import { StoryMachine } from './story-machine.ts';

const REPLAY_FORMAT = 1;

const Shown = z.strictObject({
  requirement: z.string().regex(/^[a-z0-9/-]{1,100}$/, 'expected the id of a requirement'),
  subject: z.string().exactOptional(),
  verdict: z.enum(['fail', 'warn']),
  says: z.string(),
});

const Replay = z.strictObject({
  what: z.literal('viommuspec story'),
  format: z.literal(REPLAY_FORMAT),
  /** Name and version of the driver in front of which it was found; others may do well. */
  driver: z.string(),
  /** What the story shows; left out where it is only worth keeping for the situations in it. */
  shows: Shown.exactOptional(),
  profile: z
    .custom<ProfileName>((name) => typeof name === 'string' && isProfileName(name), 'expected the name of a profile')
    .exactOptional(),
  machine: StoryMachine,
  steps: z.array(Step).max(4096),
});
export type Replay = z.infer<typeof Replay>;

/** What a file says, but for what it is. */
export type NewReplay = Omit<Replay, 'what' | 'format'>;

/** A file of more bytes than this was not written by us. */
export const REPLAY_SIZE_MAX = 1 << 20;

/** The file's text. */
export const replayText = (replay: NewReplay): string =>
  `${JSON.stringify(z.encode(Replay, { what: 'viommuspec story', format: REPLAY_FORMAT, ...replay }), undefined, 2)}\n`;

/** Reads a replay; `name` is the file's, for messages. Throws a `HarnessError` that says what is wrong with it. */
export function parseReplay(text: string, name: string): Replay {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw usage(`${name} is no JSON.`);
  }
  const read = z.safeDecode(Replay, json as z.input<typeof Replay>);
  if (!read.success) {
    const [issue] = read.error.issues;
    throw usage(`${name}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not a replay'}.`);
  }
  const objection = machineObjection(machineOf(read.data.machine, read.data.profile));
  if (objection !== undefined) throw usage(`${name}: machine: ${objection}`);
  return read.data;
}

const usage = (sentence: string): HarnessError =>
  new HarnessError(sentence, { exitCode: EXIT.usage, hint: "'viommuspec explore' writes such files." });

export const storyOf = ({ machine, steps }: Replay): Story => ({ machine, steps });
