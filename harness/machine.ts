/** A machine as the runner sees it, wherever its devices run. */
import type { MachineCommand, MachineReply } from '../reference-device/machine/commands.ts';

export interface Machine {
  /** Resolves when the command has been carried out; rejects with a `HarnessError` when the machine is gone. */
  execute(command: MachineCommand): Promise<MachineReply>;
  close(): Promise<void>;
}
