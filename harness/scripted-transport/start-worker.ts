/** Starting the device worker from the built program and from its TypeScript sources alike. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { TransportOptions } from './scripted-transport.ts';
import type { WorkerInput } from './worker-body.ts';

/**
 * Starts the module at `entry` in a thread, with a `WorkerInput` as its data.
 * Node 20 cannot load TypeScript: in development the thread registers tsx first, and imports the module then.
 */
export function startWorker(
  entry: URL,
  { directory, carried = new Map(), keepsCapabilityPlaces = false }: TransportOptions,
): { worker: Worker; port: MessagePort } {
  const { port1, port2 } = new MessageChannel();
  const input: WorkerInput = { directory, carried, keepsCapabilityPlaces, port: port2 };
  const settings = { workerData: input, transferList: [port2], name: 'scripted-transport' };
  const worker = entry.pathname.endsWith('.ts')
    ? new Worker(throughTsx(entry), { ...settings, eval: true })
    : new Worker(entry, settings);
  return { worker, port: port1 };
}

function throughTsx(entry: URL): string {
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return `import(${tsx}).then(({ register }) => { register(); return import(${JSON.stringify(entry.href)}); });`;
}
