import { expect, it } from 'vitest';
import { syntheticRun } from './fixtures/synthetic-run.ts';
import { FORMATS, isFormatName, REPORT_FILES, renderReports } from './index.ts';

it('renders three reports where nobody chooses', () => {
  expect(Object.keys(renderReports(syntheticRun()))).toEqual(['report.html', 'junit.xml', 'results.tap']);
});

it('names the files of all formats', () => {
  const formats = Object.keys(FORMATS).filter(isFormatName);
  expect(Object.keys(renderReports(syntheticRun(), formats))).toEqual(REPORT_FILES);
});

it('names the device profile of a run in every report that says what was tested', () => {
  const run = syntheticRun();
  const reports = renderReports({ ...run, header: { ...run.header, profile: 'qemu' } });
  for (const name of ['report.html', 'junit.xml']) expect(reports[name]).toContain('device profile qemu');
});
