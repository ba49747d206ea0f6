/** Files that a user names: logs, manifests, lists of expected failures, replays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest } from '../../harness/driver-contract/manifest.ts';
import { readReplay } from '../../harness/explore/corpus.ts';
import { replayText } from '../../harness/explore/replay-file.ts';
import { HarnessError } from '../../harness/harness-error.ts';
import { parseExpectations } from '../../harness/scoring/expectations.ts';
import { makeTemporaryFolder } from '../../harness/temporary-folder.ts';
import { readEventLog } from '../../reports/record/event-log.ts';
import { LogError } from '../../reports/record/log-error.ts';
import { FORMATS, isFormatName, renderReports } from '../../reports/index.ts';
import { eventsOf } from '../../reports/record/assemble.ts';
import { syntheticRun } from '../../reports/fixtures/synthetic-run.ts';
import { firstLine, mutated, type Torture } from './kind.ts';

const MANIFEST = 'harness/drivers/shim/c/example/manifest.json';
const LIST = 'harness/drivers/linux-guest/expected-failures.txt';

const REPLAY = replayText({
  driver: 'sample 1',
  machine: { topology: 'two-iommus', config: { input_range: { start: 0n, end: 0xffff_ffffn } }, queueSizes: [16, 64] },
  steps: [{ do: 'start' }, { do: 'repeat', times: 3, steps: [{ do: 'io', endpoint: 'rng', length: 64 }] }],
});

/** Rendering in every format takes longer than reading. */
const RENDERED_ONCE_IN = 20;
const ALL_FORMATS = Object.keys(FORMATS).filter(isFormatName);

interface Sort {
  readonly text: string;
  readonly read: (path: string, isRendered: boolean) => unknown;
}

export const files: Torture = {
  name: 'files',
  share: 10,
  async torture(count, lots, tell) {
    const folder = await makeTemporaryFolder();
    try {
      const sorts: [Sort, ...Sort[]] = [
        {
          text: logText(),
          read: (path, isRendered) => {
            const record = readEventLog(path);
            if (isRendered) renderReports(record, ALL_FORMATS);
          },
        },
        { text: readFileSync(MANIFEST, 'utf8'), read: (path) => readManifest(path) },
        { text: readFileSync(LIST, 'utf8'), read: (path) => parseExpectations(readFileSync(path, 'utf8'), path) },
        { text: REPLAY, read: (path) => readReplay(path) },
      ];
      const path = join(folder.path, 'file');
      for (let done = 0; done < count; done++) {
        const { text, read } = lots.of(sorts);
        const harmful = mutated(text, lots);
        writeFileSync(path, harmful);
        try {
          await read(path, lots.once(RENDERED_ONCE_IN));
        } catch (error) {
          if (error instanceof HarnessError || error instanceof LogError) continue;
          tell(`${firstLine(error)}: ${JSON.stringify(harmful.slice(0, 300))}`);
        }
      }
    } finally {
      await folder.remove();
    }
  },
};

/** The log of a run with findings of every sort. */
const logText = (): string =>
  [...eventsOf(syntheticRun())]
    .map((event) =>
      JSON.stringify(event, (_, value: unknown) => (typeof value === 'bigint' ? `0x${value.toString(16)}` : value)),
    )
    .map((line) => `${line}\n`)
    .join('');
