/** What the page's script draws with: bundled for the browser, where it is the object `drawing`. */
import { eventsOf } from '../../record/assemble.ts';
import { bindingOf } from '../../run-view.ts';
import { course } from '../course.ts';
import { UnpackedLog } from '../packed-log.ts';
import type { Naming } from '../sequence-diagram.ts';

/** A log whose variants can be drawn. */
class DrawnLog {
  readonly #log: UnpackedLog;
  readonly #naming: Naming;

  constructor(json: string) {
    this.#log = new UnpackedLog(json);
    const rows = new Map(this.#log.header.requirements.map((row) => [row.id, row]));
    this.#naming = (finding) => bindingOf(rows, finding);
  }

  /** The markup of one variant. */
  course(index: number, anchor: string): string {
    return course(this.#log.record(index), { anchor, naming: this.#naming }).source;
  }

  /** The log as `run` wrote it. */
  lines(): string {
    return [...eventsOf(this.#log.run())].map((event) => `${JSON.stringify(event)}\n`).join('');
  }
}

export const logOf = (json: string): DrawnLog => new DrawnLog(json);
