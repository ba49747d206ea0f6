/** The one player: brings a driver in front of variants and their controls, and says what came of each. */
import type { Seen } from '../../cases/api/vocabulary.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { MachineSetup, TopologyName } from '../../reference-device/machine-setup.ts';
import { DriverGone, type DriverIdentity, type DriverUnderTest } from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import { type CaseResult, judgePlay, neverCameUp, unplayed } from '../scoring/judge-play.ts';
import { needsControl, withControl } from './control.ts';
import { unplayable } from './claims.ts';
import { type PlannedVariant, topologyOf } from './plan.ts';
import { play } from './play.ts';
import { Sessions } from './sessions.ts';

export class Player {
  readonly sessions: Sessions;
  readonly #driver: DriverUnderTest;
  readonly #monitors: readonly Monitor[];
  /** Results that others may need as their control, by id. */
  readonly #played = new Map<string, CaseResult>();
  /** Topologies that will be asked for, in their order. */
  #expected: readonly TopologyName[] = [];
  #lossesInARow = 0;

  constructor(driver: DriverUnderTest, monitors: readonly Monitor[]) {
    this.#driver = driver;
    this.#monitors = monitors;
    this.sessions = new Sessions(driver);
  }

  /** Says what will be played, in this order: while one topology is in use, the sessions for the next ones start. */
  expect(variants: readonly PlannedVariant[]): void {
    this.#expected = [...new Set(variants.map(topologyOf))];
  }

  /** How many drivers were lost one after the other until now. */
  get lossesInARow(): number {
    return this.#lossesInARow;
  }

  /** The machine of a variant as the driver under test has it. */
  setupOf({ setup }: PlannedVariant): MachineSetup {
    return this.#driver.machineFor?.(setup) ?? setup;
  }

  /** What comes of a variant. `identity` is the driver's, once it is known. */
  async play(variant: PlannedVariant, identity?: DriverIdentity): Promise<CaseResult> {
    const claimed = identity && unplayable(variant, identity);
    if (claimed) return unplayed({ unanswered: claimed });
    const { control } = variant;
    // Behind the oddity it would show what that has left of the driver.
    if (control?.isNamed === true) await this.#controlResult(control.planned);
    const result = await this.#playAlone(variant);
    if (control === undefined || result.error !== undefined || !needsControl(result, control.isNamed)) return result;
    const { planned, isNamed } = control;
    const name = isNamed ? `its control ${planned.id}` : 'an ordinary machine';
    return withControl(result, await this.#controlResult(planned), { name, isNamed });
  }

  /** A control is played once, as a variant of its own or for another; a row of the case before it, a derived one on demand. */
  async #controlResult(planned: PlannedVariant): Promise<CaseResult> {
    return this.#played.get(planned.id) ?? this.#playAlone(planned);
  }

  async #playAlone(variant: PlannedVariant): Promise<CaseResult> {
    const result = await this.#tried(variant);
    const { own, beside, unanswered, error, uses } = result;
    this.#played.set(variant.id, { own, beside, unanswered, error, uses, trace: [], driverLog: '' });
    return result;
  }

  async #tried(variant: PlannedVariant): Promise<CaseResult> {
    try {
      const topology = topologyOf(variant);
      const session = await this.sessions.in(topology);
      const at = this.#expected.indexOf(topology);
      if (at >= 0) this.sessions.prepare(this.#expected.slice(at + 1));
      const { driverLog, sessionUsable, ...played } = await play(session, variant, this.setupOf(variant));
      this.#lossesInARow = sessionUsable ? 0 : this.#lossesInARow + 1;
      if (!sessionUsable) await this.sessions.end();
      const { case: asked, variant: row, survival } = variant;
      const question = {
        id: asked.id,
        requirements: asked.requirements,
        survival,
        judge: (seen: Seen) => row.then(seen),
      };
      return { ...judgePlay(question, played, this.#monitors), driverLog };
    } catch (error) {
      const isGone = error instanceof DriverGone;
      if (!isGone && !(error instanceof HarnessError)) throw error;
      this.#lossesInARow++;
      await this.sessions.end();
      if (isGone && error.end.how === 'held-up') {
        return unplayed({ unanswered: { verdict: 'untested', says: `The driver did not come up: ${error.end.says}` } });
      }
      if (isGone) return neverCameUp(variant.case.id, error.end.says);
      return unplayed({ unanswered: undefined, error: error.message });
    }
  }
}
