/** An event log that cannot be read, or an event that may not be written. The message is one sentence. */
export class LogError extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'LogError';
  }
}

/** A log in which nothing stands: its run was killed before it could begin. */
export class EmptyLogError extends LogError {}

/** Where an event stands. `line` counts from 1. */
export interface LogPlace {
  readonly file: string;
  readonly line: number;
}

/** The error for something wrong at `place`; `says` goes on after a colon. */
export function errorAt(place: LogPlace, says: string): LogError {
  return new LogError(`${place.file}, line ${place.line}: ${says}.`);
}
