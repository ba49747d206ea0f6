/** Writes what the self-test found into a folder: data, and a page to read. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FaultMatrix, faultMatrixPage } from '../../reports/html/fault-matrix.ts';
import { EXIT, HarnessError } from '../harness-error.ts';

/** Leaves `fault-matrix.json` and `fault-matrix.html` in `folder`. Throws a `HarnessError` if that cannot be done. */
export function writeMatrix(folder: string, matrix: FaultMatrix): void {
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'fault-matrix.json'), `${JSON.stringify(matrix, undefined, 1)}\n`);
    writeFileSync(join(folder, 'fault-matrix.html'), faultMatrixPage(matrix));
  } catch (error) {
    throw new HarnessError(
      `The self-test cannot be written into --out '${folder}': ${error instanceof Error ? error.message : String(error)}.`,
      {
        exitCode: EXIT.usage,
      },
    );
  }
}
