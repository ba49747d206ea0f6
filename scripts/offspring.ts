/** Processes that others have started. */
import { readdirSync, readFileSync } from 'node:fs';

/** Processes started by `pid`. One that has ended meanwhile has none. */
export function childrenOf(pid: number): number[] {
  return tasksOf(pid).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}

/** Those, and all that they have started in turn. */
export const offspring = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...offspring(child)]);

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}
