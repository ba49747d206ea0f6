/** The one player: brings a driver in front of variants and their controls, and says what came of each. */
import type { Seen } from '../../cases/api/vocabulary.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import {
  type Described,
  descriptionKey,
  DriverGone,
  type DriverIdentity,
  type DriverUnderTest,
  isDriversEnd,
} from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import { type CaseResult, judgePlay, neverCameUp, unplayed } from '../scoring/judge-play.ts';
import { needsControl, withControl } from './control.ts';
import { unplayable } from './claims.ts';
import { describedGroups, type PlannedVariant } from './plan.ts';
import { play } from './play.ts';
import { Sessions } from './sessions.ts';

export class Player {
  readonly sessions: Sessions;
  readonly #driver: DriverUnderTest;
  readonly #monitors: readonly Monitor[];
  /** Results that others may need as their control, by id. */
  readonly #played = new Map<string, CaseResult>();
  /** Controls that were the first variants of their sessions. */
  readonly #fresh = new Map<string, CaseResult>();
  /** Topologies that will be asked for, in their order. */
  #expected: readonly Described[] = [];
  #lossesInARow = 0;
  #failuresInARow = 0;

  constructor(driver: DriverUnderTest, monitors: readonly Monitor[]) {
    this.#driver = driver;
    this.#monitors = monitors;
    this.sessions = new Sessions(driver);
  }

  /** Says what will be played, in this order: while one topology is in use, the sessions for the next ones start. */
  expect(variants: readonly PlannedVariant[]): void {
    this.#expected = describedGroups(variants).map(([first]) => first.setup);
  }

  /** How many drivers were lost one after the other until now. */
  get lossesInARow(): number {
    return this.#lossesInARow;
  }

  /** How many times until now, one after the other, no driver came up or the machine failed. */
  get failuresInARow(): number {
    return this.#failuresInARow;
  }

  /** The machine of a variant as the driver under test has it. */
  setupOf({ setup }: PlannedVariant): MachineSetup {
    return this.#driver.machineFor?.(setup) ?? setup;
  }

  /** What comes of a variant. `identity` is the driver's, once it is known. */
  async play(variant: PlannedVariant, identity?: DriverIdentity): Promise<CaseResult> {
    const claimed = identity && unplayable(variant, identity);
    if (claimed) return unplayed({ unanswered: claimed });
    const result = await this.#playAlone(variant);
    const { control } = variant;
    if (control === undefined || result.error !== undefined || !needsControl(result, control.isNamed)) return result;
    const { planned, isNamed } = control;
    const name = isNamed ? `its control ${planned.id}` : 'an ordinary machine';
    const known = this.#played.get(planned.id) ?? (await this.#playAlone(planned));
    const compared = withControl(result, known, { name, isNamed });
    if (compared === result) return result;
    // A driver can be the worse for what it has met before, this variant included.
    return withControl(result, await this.#playedAfresh(planned), { name, isNamed });
  }

  async #playedAfresh(planned: PlannedVariant): Promise<CaseResult> {
    const known = this.#fresh.get(planned.id);
    if (known) return known;
    await this.sessions.end();
    const result = await this.#playAlone(planned);
    this.#fresh.set(planned.id, result);
    return result;
  }

  async #playAlone(variant: PlannedVariant): Promise<CaseResult> {
    const result = await this.#tried(variant);
    this.#played.set(variant.id, { ...result, trace: [], driverLog: '' });
    return result;
  }

  async #tried(variant: PlannedVariant): Promise<CaseResult> {
    try {
      const session = await this.sessions.in(variant.setup);
      const key = descriptionKey(variant.setup);
      const at = this.#expected.findIndex((expected) => descriptionKey(expected) === key);
      if (at >= 0) this.sessions.prepare(this.#expected.slice(at + 1));
      const { driverLog, sessionUsable, ...played } = await play(session, variant, this.setupOf(variant));
      this.#failuresInARow = 0;
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
      this.#failuresInARow++;
      await this.sessions.end();
      if (isGone && !isDriversEnd(error.end)) {
        return unplayed({ unanswered: { verdict: 'untested', says: `The driver did not come up: ${error.end.says}` } });
      }
      if (isGone) return neverCameUp(variant.case.id, error.end.says);
      return unplayed({ unanswered: undefined, error: error.message });
    }
  }
}
