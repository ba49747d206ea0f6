import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { quotation, sentencesAt } from './quotation.ts';

const TEXT = String.raw`\section{Maps}\label{sec:Maps}
The device is kind. When it is (i.e. often),
the driver MUST set \field{virt_end} % aside
as in \ref{sec:Chapter / Maps}~\nameref{sec:Chapter / Maps}. It MAY rest,
and SHOULD NOT sleep.

\begin{itemize}
\item The driver MUST be quick.
\item Nothing.
\end{itemize}
`;

it.each([
  [2, 'MUST', 'When it is (i.e. often), the driver MUST set virt_end as in “Maps”.'],
  [3, 'MUST', 'When it is (i.e. often), the driver MUST set virt_end as in “Maps”.'],
  [5, 'SHOULD NOT', 'It MAY rest, and SHOULD NOT sleep.'],
  [8, 'MUST', 'The driver MUST be quick.'],
  [6, 'MUST', ''],
])('quotes line %i, with %s', (line, keyword, words) => {
  expect(sentencesAt(TEXT, line, keyword)).toBe(words);
});

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-quotation-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('says so where a folder is no checkout, or one of another version', () => {
  expect(() => quotation(folder, 'a/b.tex:3', 'MUST')).toThrow(
    /is no checkout of the virtio specification: a\/b\.tex cannot be read/,
  );
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a/b.tex'), TEXT);
  expect(quotation(folder, 'a/b.tex:3', 'MUST')).toMatch(/^When it is/);
  expect(() => quotation(folder, 'a/b.tex:600', 'MUST')).toThrow(/has no text on line 600/);
});
