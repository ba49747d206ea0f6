/** A machine in this thread: the device model, RAM, and what the sample driver sees of both. */
import type { MachineCommand, MachineReply } from '../../../reference-device/machine/commands.ts';
import { MachineModel } from '../../../reference-device/machine/machine-model.ts';
import {
  IOMMU_FUNCTIONS,
  isIommuFunction,
  isPciSlot,
  type TopologyName,
  WINDOWS,
} from '../../../reference-device/machine-setup.ts';
import { deviceTree } from '../../../reference-device/topology/device-tree.ts';
import { formsOf, slotBdf, TOPOLOGIES } from '../../../reference-device/topology/topologies.ts';
import { viotTable } from '../../../reference-device/topology/viot.ts';
import type { MmioWindow } from '../../../reference-device/transport/mmio-window.ts';
import type { PciFunction } from '../../../reference-device/transport/pci-function.ts';
import type { Described } from '../../driver-contract/driver-session.ts';
import { HarnessError } from '../../harness-error.ts';
import type { Machine } from '../../machine.ts';
import type { Platform, PlatformFunction, PlatformWindow } from '../sample-driver/platform.ts';
import { bridgeFunction } from './bridge-function.ts';
import { TouchedMemory } from './touched-memory.ts';

const RAM_BYTES = 16 * 1024 * 1024;
/** Above 4 GiB, so that an address that was cut to 32 bits leads nowhere. */
const RAM_BASE = 0x1_4000_0000n;

/** Memory at the bottom, as every machine has it; what lies there is nobody's business but the firmware's. */
const FIRMWARE_RAM_BYTES = 4 * 1024 * 1024;

interface Ram {
  readonly firmware: Uint8Array;
  readonly driver: Uint8Array;
}

/** RAM of machines that are closed, cleared: making it anew would take longer. */
const spareRam: Ram[] = [];

/** Where the function `name` sits in `topology`. */
function bdfOf(name: string, topology: TopologyName): number {
  if (isIommuFunction(name)) return IOMMU_FUNCTIONS[name].bdf;
  if (isPciSlot(name)) return slotBdf(name, topology);
  throw new Error(`nobody says where the function ${name} sits`);
}

const ADDRESS_BY_NAME: ReadonlyMap<string, number> = new Map(
  Object.entries(WINDOWS).map(([name, { address }]): [string, number] => [name, address]),
);

export class LocalMachine implements Machine {
  readonly #ram: Ram = spareRam.pop() ?? {
    firmware: new Uint8Array(FIRMWARE_RAM_BYTES),
    driver: new Uint8Array(RAM_BYTES),
  };
  readonly #memory = new TouchedMemory();
  readonly #model: MachineModel;
  /** How often each vector of each function has fired. */
  readonly #interrupts = new Map<string, number[]>();
  /** How often each function has raised INTx. */
  readonly #lineInterrupts = new Map<string, number>();
  /** The driver waits, and the devices have looked at their queues since it last did something. */
  #isWaiting = false;
  #isClosed = false;

  constructor() {
    const memory = this.#memory;
    memory.addRegion(0n, this.#ram.firmware);
    memory.addRegion(RAM_BASE, this.#ram.driver);
    this.#model = new MachineModel((name) => ({
      memory,
      interrupt: (vector) => this.#interrupt(name, vector),
      interruptLine: () => {
        this.#lineInterrupts.set(name, (this.#lineInterrupts.get(name) ?? 0) + 1);
        return true;
      },
    }));
  }

  #interrupt(name: string, vector: number): boolean {
    const counts = this.#interrupts.get(name) ?? [];
    counts[vector] = (counts[vector] ?? 0) + 1;
    this.#interrupts.set(name, counts);
    return true;
  }

  /** What a driver that runs in this machine, and reads every form of description, is given. Every log line goes to `log`. */
  platform(described: Described, log: (line: string) => void): Platform {
    const { topology, oddities } = described;
    const { bridge } = TOPOLOGIES[topology];
    const [form] = formsOf(topology, oddities);
    const tree = form === 'device-tree' ? deviceTree(described) : undefined;
    return {
      functions: [
        ...[...this.#model.functions].map(([name, pciFunction]) =>
          this.#platformFunction(name, bdfOf(name, topology), pciFunction),
        ),
        ...(bridge ? [bridgeFunction(bridge)] : []),
      ],
      windows: [...this.#model.windows].map(([name, window]) => this.#platformWindow(name, window)),
      memory: { bytes: this.#ram.driver, base: RAM_BASE },
      doorbell: () => this.#model.doorbell,
      firmwareMemory: { start: 0n, length: BigInt(FIRMWARE_RAM_BYTES) },
      viot: viotTable(described),
      ...(tree === undefined ? {} : { deviceTree: tree }),
      wait: () => this.#letTimePass(),
      log,
    };
  }

  /** Held completions go out; then devices look for what nobody told them of. False if that was all. */
  #letTimePass(): boolean {
    if (this.#model.execute({ do: 'idle' }).released === true) return true;
    if (this.#isWaiting) return false;
    this.#isWaiting = true;
    this.#model.execute({ do: 'look-at-queues' });
    return true;
  }

  #platformFunction(name: string, address: number, pciFunction: PciFunction): PlatformFunction {
    return {
      name,
      address,
      readConfig: (offset, out) => pciFunction.readConfig(offset, out),
      writeConfig: (offset, data) => {
        this.#isWaiting = false;
        pciFunction.writeConfig(offset, data);
      },
      readBar: (bar, offset, out) => pciFunction.readBar(bar, offset, out),
      writeBar: (bar, offset, data) => {
        this.#isWaiting = false;
        pciFunction.writeBar(bar, offset, data);
      },
      interrupts: (vector) => this.#interrupts.get(name)?.[vector] ?? 0,
      lineInterrupts: () => this.#lineInterrupts.get(name) ?? 0,
    };
  }

  #platformWindow(name: string, window: MmioWindow): PlatformWindow {
    const address = ADDRESS_BY_NAME.get(name);
    if (address === undefined) throw new Error(`nobody says where the window ${name} lies`);
    return {
      name,
      address,
      readRegister: (offset, out) => window.readRegister(offset, out),
      writeRegister: (offset, data) => {
        this.#isWaiting = false;
        window.writeRegister(offset, data);
      },
      interrupts: () => this.#interrupts.get(name)?.[0] ?? 0,
    };
  }

  async execute(command: MachineCommand): Promise<MachineReply> {
    if (this.#isClosed) throw new HarnessError('The machine has been closed.');
    if (command.do === 'stage') this.#forget();
    return this.#model.execute(command);
  }

  /** What a driver finds must not depend on what ran before, be it by a stray access or in a PCI header. */
  #forget(): void {
    this.#memory.clear();
    for (const pciFunction of this.#model.functions.values()) pciFunction.reset();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#memory.clear();
    spareRam.push(this.#ram);
  }
}
