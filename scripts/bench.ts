/**
 * How fast the reference device is, what a mapping costs, and how many stories explore plays. Prints each figure beside its target; nothing fails here,
 * since a figure is worth as much as the machine is idle. `npm run bench -- <words>` runs only lines with these words.
 */
import { cpus, loadavg } from 'node:os';
import { measure } from 'mitata';
import { MappingBench } from './bench/mapping-bench.ts';
import { QueueBench } from './bench/queue-bench.ts';
import { StoryBench } from './bench/story-bench.ts';

const COUNTS = [10, 1000, 100_000];
const MANY = 1_000_000;

const wanted = process.argv.slice(2);
const isWanted = (line: string): boolean => wanted.every((word) => line.includes(word));

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

function print(line: string, figure: string, target = ''): void {
  console.log(`${line.padEnd(52)} ${figure.padStart(18)}  ${target}`.trimEnd());
}

/**
 * Times `batch`, which does `size` of what is counted. The median is what the device can do; the mean has in it what
 * the collector took, and whatever else the machine was busy with.
 */
async function rate(line: string, size: number, batch: () => void | Promise<void>, target = ''): Promise<void> {
  if (!isWanted(line)) return;
  const { avg, p50 } = await measure(batch);
  const perSecond = (nanoseconds: number): string => `${number.format((size * 1e9) / nanoseconds)}/s`;
  print(line, perSecond(p50), `mean ${perSecond(avg)}  ${target}`);
}

async function fillMillion(): Promise<void> {
  const line = 'fill with 1,000,000 mappings';
  if (!isWanted(line)) return;
  for (const order of ['upwards', 'scattered'] as const) {
    const { seconds, longestMs, bytesPerMapping } = await MappingBench.fill(MANY, order);
    print(`${line}, ${order}`, `${number.format(MANY / seconds)}/s`);
    print('  longest request', `${longestMs.toFixed(2)} ms`);
    print('  bytes per mapping', bytesPerMapping.toFixed(1), 'target 64 at most');
  }
}

console.log(
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(2)}, Node ${process.version}`,
);
for (const count of COUNTS) {
  const at = `at ${number.format(count)} mappings`;
  if (!['MAP+UNMAP pairs', 'translations'].some((what) => isWanted(`${what} ${at}`))) continue;
  const bench = new MappingBench(count);
  await rate(`MAP+UNMAP pairs ${at}`, 100, () => bench.mapUnmap(100));
  await rate(`translations ${at}`, 1000, () => bench.translate(1000), count === 100_000 ? 'target 2,000,000/s' : '');
}
for (const kind of ['split', 'packed'] as const) {
  for (const traced of [true, false]) {
    const line = `${kind} queue requests, trace ${traced ? 'kept' : 'not kept'}`;
    if (!isWanted(line)) continue;
    const queue = new QueueBench(kind, traced);
    await rate(line, QueueBench.batch, () => queue.run(), kind === 'split' && !traced ? 'target 500,000/s' : '');
  }
}
await fillMillion();
console.log(`load ${loadavg()[0]?.toFixed(2)} at the end`);
const STORIES = 'stories of about 20 steps, sample driver';
if (isWanted(STORIES)) {
  const stories = new StoryBench();
  await rate(STORIES, StoryBench.batch, () => stories.run(), 'target 150/s');
  await stories.close();
}
