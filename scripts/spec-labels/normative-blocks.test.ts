import { expect, test } from 'vitest';
import { normativeBlocks, plainLabels } from './normative-blocks.ts';

const SOURCE = String.raw`\section{IOMMU}
The driver MUST be kind here, under no heading of its own.
\drivernormative{\subsubsection}{MAP}{Device Types /
 IOMMU Device / MAP}
The driver MUST NOT do this, and SHOULD
not do that. % It MUST see no comment, at 100\% or less.
It MUST do the rest.
\devicenormative{\subsubsection}{Set \field{x}}{Device Types / IOMMU Device / MAP}
The device SHOULD try.
\subsection{Next}\label{sec:IOMMU / Next}
It MUST end there.
`;

test('finds the statements under each heading, with their lines', () => {
  expect(normativeBlocks(SOURCE, 'a.tex')).toEqual([
    {
      label: 'drivernormative:Device Types / IOMMU Device / MAP',
      file: 'a.tex',
      line: 3,
      statements: [
        { keyword: 'MUST NOT', line: 5 },
        { keyword: 'SHOULD NOT', line: 5 },
        { keyword: 'MUST', line: 7 },
      ],
    },
    {
      label: 'devicenormative:Device Types / IOMMU Device / MAP',
      file: 'a.tex',
      line: 8,
      statements: [{ keyword: 'SHOULD', line: 9 }],
    },
  ]);
});

test('finds the labels of other headings', () => {
  expect(plainLabels(SOURCE)).toEqual(['sec:IOMMU / Next']);
});
