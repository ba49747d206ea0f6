/** One whole comparison: the scenarios, then streams. */
import type { Program } from '../../harness/drivers/linux-guest/debian-programs.ts';
import { Comparison } from './comparison.ts';
import { openModelMachine } from './model-machine.ts';
import { openQemuMachine } from './qemu-machine.ts';
import { randomStream } from './random-stream.ts';
import { REVIEWED_DIFFERENCES } from './reviewed-differences.ts';
import { SILENT_PARTINGS } from './reviewed-effects.ts';
import { SCENARIOS } from './scenarios.ts';
import { Subject } from './subject.ts';

export interface RunOptions {
  /** The first stream's seed; the others count on from there. */
  readonly seed: number;
  readonly streamCount: number;
  /** Steps of each stream. */
  readonly streamLength: number;
  /** The name of the one scenario or stream to run; all by default. */
  readonly only?: string | undefined;
}

/** Compares QEMU's device with ours. QEMU has ended when this is fulfilled or rejected. */
export async function compareDevices(program: Program, options: RunOptions): Promise<Comparison> {
  const { seed, streamCount, streamLength, only } = options;
  const qemu = new Subject('QEMU', () => openQemuMachine(program));
  const ours = new Subject('ours', () => openModelMachine());
  const comparison = new Comparison({ qemu, ours, reviewed: REVIEWED_DIFFERENCES, silent: SILENT_PARTINGS });
  const streams = Array.from({ length: streamCount }, (_, at) => randomStream(seed + at, streamLength));
  const isWanted = ({ name }: { readonly name: string }): boolean => only === undefined || only === name;
  try {
    for (const scenario of SCENARIOS.filter(isWanted)) await comparison.run(scenario);
    for (const stream of streams.filter(isWanted)) await comparison.runThrough(stream);
  } finally {
    await qemu.close();
    await ours.close();
  }
  return comparison;
}
