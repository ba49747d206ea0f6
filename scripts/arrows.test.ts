import { describe, expect, it } from 'vitest';
import { forbiddenImports } from './arrows.ts';

describe('the arrows', () => {
  it.each([
    ['reference-device/iommu/map.ts', '../../cases/api/index.ts'],
    ['reference-device/iommu/map.ts', 'node:fs'],
    ['cases/map/end-after-start.case.ts', '../api/seen.ts'],
    ['cases/map/end-after-start.case.ts', '../unmap/part.case.ts'],
    ['cases/monitors/domains.monitor.ts', '../requirements/iommu.ts'],
    ['cases/api/index.ts', '../../harness/machine.ts'],
    ['reports/record/model.ts', '../html/escape.ts'],
    ['reports/html/escape.ts', '../../cases/api/index.ts'],
    ['harness/drivers/sample-driver/iommu.ts', '../../../reference-device/wire/iommu.ts'],
    ['harness/scoring/verdict.ts', '../runner/run.ts'],
    ['harness/runner/run.ts', '../drivers/in-process/sample-driver.ts'],
    ['harness/driver-contract/shim.ts', '../runner/run.ts'],
    ['harness/runner/run.ts', '../../reports/html/escape.ts'],
    ['reports/words/nearest.ts', '../../harness/machine.ts'],
  ])('%s may not import %s', (path, name) => {
    expect(forbiddenImports(path, `import { x } from '${name}';\n`)).toHaveLength(1);
    expect(forbiddenImports(path, `import type {\n  X,\n} from '${name}';\n`)).toHaveLength(1);
  });

  it.each([
    ['reference-device/iommu/map.ts', '../wire/iommu.ts'],
    ['reference-device/iommu/map.test.ts', 'vitest'],
    ['cases/map/end-after-start.case.ts', '../api/index.ts'],
    ['cases/sweeps/map.case.ts', './sweep-judge.ts'],
    ['reports/html/escape.ts', '../record/model.ts'],
    ['harness/runner/run.test.ts', '../drivers/in-process/sample-driver.ts'],
    ['harness/cli/run-command.ts', '../../reports/html/escape.ts'],
    ['scripts/tidy.ts', '../harness/cli/main.ts'],
    ['reports/html/escape.ts', '../../reference-device/counted.ts'],
  ])('%s may import %s', (path, name) => {
    expect(forbiddenImports(path, `import { x } from '${name}';\n`)).toEqual([]);
  });
});
