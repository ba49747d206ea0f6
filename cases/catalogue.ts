/** Every case and every monitor, in the order of their files; `npm run catalogue` writes the lists of them. */
import type { Case } from './api/define-case.ts';
import type { Monitor } from './api/define-monitor.ts';
import * as everyCase from './every-case.ts';
import * as everyMonitor from './every-monitor.ts';

/** An id is its file's path up to the first dot. */
const byFile = (a: { readonly id: string }, b: { readonly id: string }): number => (`${a.id}.` < `${b.id}.` ? -1 : 1);

const cases: Case[] = Object.values(everyCase).toSorted(byFile);
export const CASES: readonly Case[] = cases;

/** Takes in cases from another folder, before anything is asked of the list. */
export const addCases = (more: readonly Case[]): void => void cases.push(...more.toSorted(byFile));

export const MONITORS: readonly Monitor[] = Object.values(everyMonitor).toSorted(byFile);
