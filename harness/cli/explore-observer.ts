import { counted } from '../../reference-device/counted.ts';
import { clipped, oneLine } from '../../reports/printable.ts';
import { cut } from '../../reports/terminal/layout.ts';
import type { Finding } from '../../reports/record/model.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import type { ProfileName } from '../../reference-device/profiles.ts';
import type { Corpus } from '../explore/corpus.ts';
import type { Comparison } from '../explore/differences.ts';
import type { ExplorerObserver, Find } from '../explore/explorer.ts';
import type { NewReplay } from '../explore/replay-file.ts';
import type { Story } from '../explore/story.ts';
import { stepCount } from '../explore/step.ts';
import type { ChosenDriver } from './drivers.ts';
import { replayCommand } from './story-run.ts';
import type { Terminal } from './terminal.ts';

const CLEAR_LINE = '\r\u001b[2K';
/** Elsewhere than on a terminal a line is written this often. */
const PLAIN_EVERY_MS = 30_000;
const LIVE_EVERY_MS = 200;
const SAYS_MAX = 300;

export interface Explorations {
  readonly chosen: ChosenDriver;
  readonly profile: ProfileName;
  /** With another driver. */
  readonly comparison?: Comparison;
  readonly signal: AbortSignal;
}

/** Draws the progress of an exploration, and keeps in the corpus what is worth it as soon as it is known. */
export class ExploreObserver implements ExplorerObserver {
  readonly #terminal: Terminal;
  readonly #corpus: Corpus;
  readonly #words: readonly string[];
  readonly #profile: ProfileName;
  readonly #comparison: Comparison | undefined;
  readonly #signal: AbortSignal;
  readonly #startedAtMs = performance.now();
  #drawnAtMs = performance.now();
  #driver = '';
  #findCount = 0;

  constructor(terminal: Terminal, corpus: Corpus, { chosen, profile, comparison, signal }: Explorations) {
    this.#terminal = terminal;
    this.#corpus = corpus;
    this.#words = chosen.words;
    this.#profile = profile;
    this.#comparison = comparison;
    this.#signal = signal;
  }

  met({ name, version }: DriverIdentity): void {
    this.#driver = `${name} ${version}`;
    this.#terminal.note(`Exploring ${this.#driver}; Ctrl-C ends it and reports what was found.`);
  }

  async played(story: Story, so: { readonly far: number; readonly situations: number }): Promise<void> {
    const difference = await this.#comparison?.difference(story, this.#signal);
    if (difference) {
      const path = this.#corpus.keep('differences', difference.says, this.#replay(difference.story));
      this.#tell(`the two differ: ${difference.says}\n  ${path}`);
    }
    const nowMs = performance.now();
    const { isLive } = this.#terminal;
    if (nowMs - this.#drawnAtMs < (isLive ? LIVE_EVERY_MS : PLAIN_EVERY_MS)) return;
    this.#drawnAtMs = nowMs;
    const perSecond = Math.round((so.far * 10_000) / (nowMs - this.#startedAtMs)) / 10;
    const found = this.#findCount === 0 ? 'nothing found' : `${counted(this.#findCount, 'mistake')} found`;
    this.#draw(
      `${counted(so.far, 'story', 'stories')}, ${perSecond} a second, ${counted(so.situations, 'situation')}, ${found}`,
    );
  }

  kept(story: Story): void {
    this.#corpus.keepStory(this.#replay(story));
  }

  /** What a file has to say of a story. */
  #replay({ machine, steps }: Story): NewReplay {
    const profile = this.#profile === 'spec' ? {} : { profile: this.#profile };
    return { driver: this.#driver, ...profile, machine, steps: [...steps] };
  }

  /** The file of a find, written anew. */
  fileOf({ cause, finding, story }: Find): string {
    const { requirement, subject, verdict, says } = finding;
    const shows = { requirement, ...(subject !== undefined && { subject }), verdict, says };
    return this.#corpus.keep('finds', cause, { shows, ...this.#replay(story) });
  }

  /** The file of a story that judges `requirement`. */
  example(requirement: string, story: Story): string {
    return this.#corpus.keep('examples', requirement, this.#replay(story));
  }

  shrinking({ requirement, says }: Finding): void {
    this.#draw(`making the story small that shows ${requirement}: ${clipped(oneLine(says), SAYS_MAX)}`);
  }

  found(find: Find): void {
    const { finding, story, foundIn, isExpected } = find;
    const { requirement, verdict, says } = finding;
    const path = this.fileOf(find);
    if (isExpected) {
      this.#tell(`expected: ${requirement}, in story ${foundIn}`);
      return;
    }
    this.#findCount++;
    this.#tell(
      `${verdict} ${requirement}: ${clipped(oneLine(says), SAYS_MAX)}\n` +
        `  in story ${foundIn}, now ${counted(stepCount(story.steps), 'step')}: ${replayCommand(path, this.#words)}`,
    );
  }

  lost(story: Story, says: string): void {
    const path = this.#corpus.keep('unrepeated', 'lost', this.#replay(story));
    this.#tell(`${says}\n  ${path}`);
  }

  unrepeated({ requirement, says }: Finding, story: Story): void {
    const path = this.#corpus.keep('unrepeated', requirement, this.#replay(story));
    this.#tell(
      `not seen again in front of a fresh driver: ${requirement}: ${clipped(oneLine(says), SAYS_MAX)}\n  ${path}`,
    );
  }

  /** Takes the live line away. */
  end(): void {
    if (this.#terminal.isLive) this.#terminal.draw(CLEAR_LINE);
  }

  #draw(text: string): void {
    const { isLive, columns } = this.#terminal;
    this.#terminal.draw(isLive ? `${CLEAR_LINE}${cut(text, columns - 1)}` : `${text}\n`);
  }

  #tell(text: string): void {
    this.end();
    this.#terminal.note(text);
  }
}
