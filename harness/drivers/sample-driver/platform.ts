/** What the driver finds around it: functions on a bus, memory, a topology table, time. The harness implements it. */

/** One PCI function. Offsets may be anything; what hits nothing reads 0, or all ones if the function is not there. */
export interface PlatformFunction {
  readonly name: string;
  /** Bus << 8 | device << 3 | function. */
  readonly address: number;
  /** Fills `out` from configuration space; `out.byteLength` is the width of the access. */
  readConfig(offset: number, out: DataView): void;
  writeConfig(offset: number, data: DataView): void;
  readBar(bar: number, offset: number, out: DataView): void;
  writeBar(bar: number, offset: number, data: DataView): void;
  /** How often MSI-X vector `vector` has fired since the platform came up. */
  interrupts(vector: number): number;
  /** How often it has raised INTx. */
  lineInterrupts(): number;
}

/** A window of registers that is no part of the PCI bus. What hits nothing reads 0, or all ones if nobody is there. */
export interface PlatformWindow {
  readonly name: string;
  /** Where the window begins in physical space. */
  readonly address: number;
  readRegister(offset: number, out: DataView): void;
  writeRegister(offset: number, data: DataView): void;
  /** How often its interrupt line has been raised since the platform came up. */
  interrupts(): number;
}

export interface Platform {
  readonly functions: readonly PlatformFunction[];
  /** None if left out. */
  readonly windows?: readonly PlatformWindow[];
  /** RAM: `bytes[0]` lies at guest-physical address `base`. All of it belongs to the driver. */
  readonly memory: { readonly bytes: Uint8Array; readonly base: bigint };
  /** Where the interrupt controller takes messages, in physical space. */
  doorbell(): bigint;
  /** RAM that belongs to the firmware. */
  readonly firmwareMemory: { readonly start: bigint; readonly length: bigint };
  /** ACPI VIOT, empty if there is none. */
  readonly viot: Uint8Array;
  /** EXPERIMENTAL: the platform has no description, and IOMMUs describe their endpoints themselves. */
  readonly iommusDescribeThemselves?: true;
  /** A flattened device tree, if that is how the platform is described. */
  readonly deviceTree?: Uint8Array;
  /**
   * The driver has nothing to do: lets time pass.
   * False if nothing can happen any more until the driver does something: all waiting is over.
   */
  wait(): boolean;
  log(line: string): void;
}

/** What a command came to. */
export interface CommandAnswer {
  readonly outcome: 'ok' | 'not-ok' | 'skip';
  readonly reason?: string;
  readonly values: Readonly<Record<string, unknown>>;
}
