import { expect, test } from 'vitest';
import { headingsOf, strayAnchors } from './headings.ts';

const FILES: Readonly<Record<string, string>> = {
  'main.tex': String.raw`\input{a.tex}
% \section{none}
\appendix
\chapter{Changes}`,
  'a.tex': String.raw`\chapter{One}\label{x}
\section{First}
\drivernormative{\subsection}{First \field{x}}{One / First}
\devicenormative{\subsection}{First}{One / First}
\section*{No number}
\section{Second}
\chapter[Short]{Two}
\input{main.tex}
\section{Last}`,
};

test('counts every heading, in the order in which files are taken in', () => {
  expect(headingsOf('main.tex', (name) => FILES[name])).toEqual([
    { section: '1', anchor: 'x1-20001' },
    { section: '1.1', anchor: 'x1-30001' },
    { section: '1.1.1', anchor: 'x1-40001' },
    { section: '1.1.2', anchor: 'x1-50002' },
    { section: undefined, anchor: 'x1-60001' },
    { section: '1.2', anchor: 'x1-70002' },
    { section: '2', anchor: 'x1-80002' },
    { section: '2.1', anchor: 'x1-90001' },
    { section: undefined, anchor: 'x1-100002' },
  ]);
});

test('what does not meet the published anchors is named', () => {
  expect(strayAnchors([{ section: '5.1', anchor: 'x1-2700001' }])).toEqual([
    '5.1.6',
    '5.4',
    '5.5',
    '5.6',
    '5.7',
    '5.23',
  ]);
});
