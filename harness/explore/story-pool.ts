/** Shares stories out among players: those that somebody waits for first, then in the order in which they were asked for. */
import type { Story } from './story.ts';
import type { StoryPlayer, Told } from './story-player.ts';

interface Task {
  readonly play: (player: StoryPlayer) => Promise<void>;
}

export class StoryPool {
  readonly #players: readonly StoryPlayer[];
  readonly #free: StoryPlayer[];
  readonly #urgent: Task[] = [];
  readonly #others: Task[] = [];

  constructor(players: readonly StoryPlayer[]) {
    this.#players = players;
    this.#free = [...players];
  }

  /** The story is played when its turn comes. */
  tellInTurn(story: Story): Promise<Told> {
    return this.#asked(this.#others, story, false);
  }

  /** The story goes before those that are played in turn. `isFresh`: in front of a driver that was started for it. */
  tellNow(story: Story, isFresh: boolean): Promise<Told> {
    return this.#asked(this.#urgent, story, isFresh);
  }

  /** What has not begun is never played. */
  close(): Promise<unknown> {
    this.#others.length = this.#urgent.length = this.#free.length = 0;
    return Promise.all(this.#players.map((player) => player.close()));
  }

  #asked(queue: Task[], story: Story, isFresh: boolean): Promise<Told> {
    const told = new Promise<Told>((resolve, reject) => {
      queue.push({ play: (player) => player.tell(story, isFresh).then(resolve, reject) });
    });
    // Who asks may have given up by then.
    told.catch(() => {});
    this.#goOn();
    return told;
  }

  #goOn(): void {
    const player = this.#free.shift();
    if (!player) return;
    const task = this.#urgent.shift() ?? this.#others.shift();
    if (!task) {
      this.#free.unshift(player);
      return;
    }
    void task.play(player).then(() => {
      this.#free.push(player);
      this.#goOn();
    });
  }
}
