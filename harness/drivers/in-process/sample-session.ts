/** A session of the sample driver, which runs in this thread. */
import { AssertionError } from 'node:assert';
import { isExperimental } from '../../../reference-device/topology/topologies.ts';
import {
  type Answer,
  type Command,
  type Described,
  DriverGone,
  type DriverIdentity,
  type DriverSession,
  VERBS,
} from '../../driver-contract/driver-session.ts';
import { HarnessError } from '../../harness-error.ts';
import { SampleDriver } from '../sample-driver/driver.ts';
import type { DriverFaults } from '../sample-driver/driver-faults.ts';
import { Panic } from '../sample-driver/panic.ts';
import { LocalMachine } from './local-machine.ts';

/** Characters of the driver's log that are kept between two looks at it. */
const LOG_LIMIT = 64 * 1024;

export class SampleSession implements DriverSession {
  readonly machine: LocalMachine;
  readonly identity: DriverIdentity;
  readonly #driver: SampleDriver;
  #log = '';
  /** How the driver has ended, if a mistake of its own has brought it down. */
  #end: DriverGone | undefined;

  constructor(described: Described, faults: DriverFaults, experimental = false) {
    this.machine = new LocalMachine();
    this.identity = {
      name: 'sample',
      version: '1',
      configuration: [...faults].join(', '),
      verbs: VERBS,
      transports: ['pci', 'mmio'],
      topologies: ['viot', 'device-tree', ...(experimental ? (['built-in-2019'] as const) : [])],
      lazyUnmap: faults.has('unmaps-lazily') || faults.has('lazy-unmaps-dropped'),
      freshPciConfig: true,
      lineInterrupts: true,
      severalIommus: true,
      pciBridges: true,
    };
    const platform = this.machine.platform(described, (line) => this.#write(line));
    const describesItself = experimental && isExperimental(described.topology);
    this.#driver = new SampleDriver(
      { ...platform, ...(describesItself && { iommusDescribeThemselves: true }) },
      faults,
    );
  }

  #write(line: string): void {
    if (this.#log.length + line.length < LOG_LIMIT) this.#log += `${line}\n`;
  }

  /**
   * Rejects with `DriverGone` if the driver has brought itself down by a named mistake, and with an `AssertionError` if
   * it throws anything else, which no command and no device may bring it to.
   */
  async command({ verb, args }: Command): Promise<Answer> {
    if (this.#end) throw this.#end;
    try {
      return this.#driver.command(verb, args);
    } catch (error) {
      if (error instanceof Panic) throw (this.#end = goneBy(error, verb));
      if (error instanceof HarnessError) throw error;
      throw new AssertionError({
        message: `the sample driver itself failed at ${verb}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      });
    }
  }

  takeLog(): string {
    const log = this.#log;
    this.#log = '';
    return log;
  }

  async close(): Promise<void> {
    await this.machine.close();
  }
}

function goneBy({ how, message }: Panic, verb: string): DriverGone {
  return how === 'crashed'
    ? new DriverGone({ how, says: `The driver crashed at '${verb}': ${message}.` })
    : new DriverGone({ how: 'silent', says: `The driver hangs at '${verb}': ${message}.` });
}
