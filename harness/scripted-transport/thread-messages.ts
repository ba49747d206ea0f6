/** What the owner's thread and the device worker tell each other: plain data, cloned on the way. */
import type { MachineCommand, MachineReply } from '../../reference-device/machine/commands.ts';

/** What became of the client of one function. */
export interface PeerEvent {
  /**
   * `refused`: one message was answered with an error, the connection goes on.
   * `broken`: the client broke the protocol and was disconnected.
   */
  readonly kind: 'connected' | 'disconnected' | 'refused' | 'broken';
  readonly functionName: string;
  /** For people; ends with a full stop. */
  readonly sentence: string;
}

export type ToWorker =
  | { readonly type: 'execute'; readonly id: number; readonly command: MachineCommand }
  | { readonly type: 'close' };

export type FromWorker =
  /** `wakeDescriptor` is an eventfd: writing to it makes the worker look for messages. The owner closes it. */
  | { readonly type: 'listening'; readonly sockets: ReadonlyMap<string, string>; readonly wakeDescriptor: number }
  | { readonly type: 'reply'; readonly id: number; readonly reply: MachineReply }
  | { readonly type: 'peer'; readonly event: PeerEvent }
  /** The worker has closed everything and ends. `hint` for what the user can put right, `stack` for a defect of ours. */
  | { readonly type: 'failed'; readonly sentence: string; readonly hint?: string; readonly stack?: string };
