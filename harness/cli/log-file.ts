import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, HarnessError } from '../harness-error.ts';
import { EventLogWriter } from '../../reports/record/event-log.ts';

/** Name of the log in the folder of a run. */
export const LOG_NAME = 'results.ndjson';

/** An empty log in `folder`, which is made if it is not there. Throws `HarnessError` where it cannot be written. */
export function openLog(folder: string): EventLogWriter {
  try {
    mkdirSync(folder, { recursive: true });
    return new EventLogWriter(join(folder, LOG_NAME));
  } catch (error) {
    throw new HarnessError(
      `The folder ${folder} cannot be written: ${error instanceof Error ? error.message : String(error)}.`,
      {
        exitCode: EXIT.usage,
        hint: '--out names another folder.',
        cause: error,
      },
    );
  }
}
