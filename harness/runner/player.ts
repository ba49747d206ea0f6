/** The one player: brings a driver in front of variants and their controls, and says what came of each. */
import type { Seen } from '../../cases/api/vocabulary.ts';
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { MachineSetup } from '../../reference-device/machine-setup.ts';
import {
  type Described,
  DriverGone,
  type DriverIdentity,
  type DriverUnderTest,
  isDriversEnd,
} from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import { judgeEndpointDrivers } from '../scoring/endpoint-drivers.ts';
import { type CaseResult, judgePlay, neverCameUp, unplayed } from '../scoring/judge-play.ts';
import { needsControl, withControl } from './control.ts';
import type { Job, Played } from './job.ts';
import { meet } from './meeting.ts';
import type { PlannedVariant } from './plan.ts';
import { play } from './play.ts';
import { Sessions } from './sessions.ts';

/** A job in this process. */
export interface PlayerOptions {
  /** Whether the drivers of endpoints are judged as well; not so by default. */
  readonly judgesEndpoints?: boolean;
}

export class Player implements Job {
  readonly sessions: Sessions;
  readonly #driver: DriverUnderTest;
  readonly #monitors: readonly Monitor[];
  readonly #judgesEndpoints: boolean;
  /** Results that others may need as their control, by id. */
  readonly #played = new Map<string, CaseResult>();
  /** Controls that were the first variants of their sessions. */
  readonly #fresh = new Map<string, CaseResult>();

  constructor(driver: DriverUnderTest, monitors: readonly Monitor[], options: PlayerOptions = {}) {
    this.#driver = driver;
    this.#monitors = monitors;
    this.#judgesEndpoints = options.judgesEndpoints ?? false;
    this.sessions = new Sessions(driver);
  }

  meet(described: Described, seed: number): Promise<DriverIdentity> {
    return meet(this.sessions.in(described), seed);
  }

  /** What comes next has other controls, even if they bear the same names. */
  forget(): void {
    this.#played.clear();
    this.#fresh.clear();
  }

  /** What is played after that, is played as by a new one. */
  close(): Promise<void> {
    this.forget();
    return this.sessions.end();
  }

  /** The machine of a variant as the driver under test has it. */
  setupOf({ setup }: PlannedVariant): MachineSetup {
    return this.#driver.machineFor?.(setup) ?? setup;
  }

  async play(variant: PlannedVariant, started?: (setup: MachineSetup) => void): Promise<Played> {
    started?.(this.setupOf(variant));
    const result = await this.#playAlone(variant);
    const { control } = variant;
    if (control === undefined || result.error !== undefined || !needsControl(result, control.isNamed)) return result;
    const { planned, isNamed } = control;
    const name = isNamed ? `its control ${planned.id}` : 'an ordinary machine';
    const known = this.#played.get(planned.id) ?? (await this.#playAlone(planned));
    const compared = withControl(result, known, { name, isNamed });
    if (compared === result) return result;
    // A driver can be the worse for what it has met before, this variant included.
    return { ...withControl(result, await this.#playedAfresh(planned), { name, isNamed }), driver: result.driver };
  }

  async #playedAfresh(planned: PlannedVariant): Promise<CaseResult> {
    const known = this.#fresh.get(planned.id);
    if (known) return known;
    await this.sessions.end();
    const result = await this.#playAlone(planned);
    this.#fresh.set(planned.id, result);
    return result;
  }

  async #playAlone(variant: PlannedVariant): Promise<Played> {
    const result = await this.#tried(variant);
    this.#played.set(variant.id, { ...result, trace: [], driverLog: '' });
    return result;
  }

  async #tried(variant: PlannedVariant): Promise<Played> {
    try {
      const session = await this.sessions.in(variant.setup);
      const { driverLog, sessionUsable, ...played } = await play(session, variant, this.setupOf(variant));
      if (!sessionUsable) await this.sessions.end();
      const { case: asked, variant: row, survival } = variant;
      const question = {
        id: asked.id,
        requirements: asked.requirements,
        survival,
        judge: (seen: Seen) => row.then(seen),
      };
      const driver = sessionUsable ? 'usable' : 'lost';
      const result = judgePlay(question, played, this.#monitors);
      if (!this.#judgesEndpoints) return { ...result, driverLog, driver };
      const findings = [...result.own.findings, ...result.beside.findings];
      const endpoints = judgeEndpointDrivers(played, this.#monitors, findings);
      return { ...result, endpoints, driverLog, driver };
    } catch (error) {
      const isGone = error instanceof DriverGone;
      if (!isGone && !(error instanceof HarnessError)) throw error;
      await this.sessions.end();
      return { ...withoutDriver(variant, error), driver: 'absent' };
    }
  }
}

function withoutDriver({ case: { id } }: PlannedVariant, error: DriverGone | HarnessError): CaseResult {
  if (!(error instanceof DriverGone)) return unplayed({ unanswered: undefined, error: error.message });
  const { says } = error.end;
  if (isDriversEnd(error.end)) return neverCameUp(id, says);
  return unplayed({ unanswered: { verdict: 'untested', says: `The driver did not come up: ${says}` } });
}
