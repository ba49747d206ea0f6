import { Progress } from '../../reports/terminal/progress.ts';
import type { DriverIdentity } from '../driver-contract/driver-session.ts';
import type { CaseJudged } from '../../reports/record/model.ts';
import type { RunObserver } from '../runner/run.ts';
import type { Terminal } from './terminal.ts';
import { counted } from '../../reference-device/counted.ts';

/** Draws the progress of a run: one live line on a terminal, plain lines elsewhere. */
export class ProgressObserver implements RunObserver {
  readonly #terminal: Terminal;
  #progress: Progress | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  started(total: number, identity: DriverIdentity): void {
    const { columns, isLive } = this.#terminal;
    this.#terminal.note(`Scoring ${identity.name} ${identity.version}: ${counted(total, 'variant')}.`);
    this.#progress = new Progress(total, { columns, isTty: isLive, write: (text) => this.#terminal.draw(text) });
  }

  caseStarted(id: string): void {
    this.#progress?.caseStarted(id);
  }

  caseJudged(judged: CaseJudged): void {
    this.#progress?.caseJudged(judged);
  }

  /** Takes the live line away. */
  end(): void {
    this.#progress?.end();
    this.#progress = undefined;
  }
}
