import type { RunRecord } from '../record/model.ts';
import type { Reporter } from '../reporter.ts';
import { badgeOf } from './badge.ts';

/** The JSON that a shields endpoint badge is made of. */
export const badgeJson: Reporter = {
  fileName: 'badge.json',
  render: (run: RunRecord) => `${JSON.stringify({ schemaVersion: 1, ...badgeOf(run) })}\n`,
};
