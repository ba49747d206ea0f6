/** Tells how far a run is: one live line on a terminal, plain lines in a log. */
import type { Verdict } from '../record/model.ts';
import { clipped, oneLine } from '../printable.ts';
import { cut } from './layout.ts';
import { MARKS } from './marks.ts';

export interface ProgressOutput {
  readonly isTty: boolean;
  /** Columns of the terminal; of no meaning elsewhere. */
  readonly columns: number;
  write(text: string): void;
}

const CLEAR_LINE = '\r\u001b[2K';
/** Elsewhere than on a terminal a line is written this often, in parts of the whole. */
const PLAIN_PARTS = 10;
const ID_MAX = 200;

/** Verdicts that get a line of their own as soon as they are known, once for what is broken. */
const TOLD: ReadonlySet<Verdict> = new Set(['fail', 'error']);

export class Progress {
  readonly #output: ProgressOutput;
  readonly #total: number;
  #done = 0;
  #failed = 0;
  #current = '';
  readonly #told = new Set<string>();

  /** `total` is the number of planned variants. */
  constructor(total: number, output: ProgressOutput) {
    this.#total = total;
    this.#output = output;
  }

  caseStarted(id: string): void {
    this.#current = shown(id);
    this.#draw();
  }

  /** A failure that the user's list expects is no news; it stands in the summary. */
  caseJudged(result: {
    readonly id: string;
    readonly verdict: Verdict;
    readonly says: string;
    readonly expected?: unknown;
    readonly findings?: readonly { readonly requirement: string; readonly verdict: string }[];
  }): void {
    this.#done++;
    if (TOLD.has(result.verdict) && result.expected === undefined) {
      this.#failed++;
      const broken = result.findings?.find(({ verdict }) => verdict === 'fail')?.requirement ?? result.says;
      if (!this.#told.has(broken)) {
        this.#told.add(broken);
        const { glyph } = MARKS[result.verdict];
        this.#tell(`${glyph} ${shown(result.id)}: ${clipped(oneLine(result.says), ID_MAX)}`);
      }
    }
    this.#current = '';
    if (this.#output.isTty) this.#draw();
    else if (this.#isMilestone()) this.#output.write(`${this.#status()}\n`);
  }

  /** Takes the live line away; nothing may be written through this object afterwards. */
  end(): void {
    if (this.#output.isTty) this.#output.write(CLEAR_LINE);
  }

  #draw(): void {
    if (this.#output.isTty) this.#output.write(CLEAR_LINE + cut(this.#status(), this.#output.columns - 1));
  }

  /** A line that stays. */
  #tell(line: string): void {
    this.#output.write(`${this.#output.isTty ? CLEAR_LINE : ''}${line}\n`);
  }

  #status(): string {
    const failed = this.#failed > 0 ? `, ${this.#failed} failed` : '';
    const current = this.#current === '' ? '' : `  ${this.#current}`;
    return `${this.#done}/${this.#total}${failed}${current}`;
  }

  #isMilestone(): boolean {
    const part = (done: number): number => Math.floor((done * PLAIN_PARTS) / Math.max(1, this.#total));
    return this.#done === this.#total || part(this.#done) > part(this.#done - 1);
  }
}

const shown = (id: string): string => clipped(oneLine(id), ID_MAX);
