/** What a device worker does, whichever machine it serves. */
import { type MessagePort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { HarnessError } from '../harness-error.ts';
import { DeviceServer, type MachineBuilder } from './device-server.ts';
import type { FromWorker, ToWorker } from './thread-messages.ts';

/** Given to the worker when it is started. */
export interface WorkerInput {
  readonly directory: string;
  readonly carried: ReadonlyMap<string, number>;
  readonly keepsCapabilityPlaces: boolean;
  /** Carries `ToWorker` in and `FromWorker` out. */
  readonly port: MessagePort;
}

/** Serves the machine that `build` makes until the owner closes it. Never throws: a failure is the last message. */
export function runDeviceWorker(build: MachineBuilder): void {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- set by start-worker.ts and nobody else
  const { directory, carried, keepsCapabilityPlaces, port } = workerData as WorkerInput;
  const post = (message: FromWorker): void => port.postMessage(message);
  const take = (): ToWorker | undefined => receiveMessageOnPort(port)?.message;
  try {
    new DeviceServer({ directory, carried, keepsCapabilityPlaces, build, post, take }).run();
  } catch (error) {
    post(failureOf(error));
  }
  port.close();
}

function failureOf(error: unknown): FromWorker {
  if (error instanceof HarnessError) {
    return { type: 'failed', sentence: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const sentence = `The reference device failed: ${message}`;
  return { type: 'failed', sentence, ...(stack === undefined ? {} : { stack }) };
}
