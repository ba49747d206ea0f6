/** What a device can answer to a request, and so the rows of cases about it. */
export const STATUSES = {
  IOERR: 1,
  UNSUPP: 2,
  DEVERR: 3,
  INVAL: 4,
  RANGE: 5,
  NOENT: 6,
  FAULT: 7,
  NOMEM: 8,
  unknown: 0x42,
  accepted: 0,
} as const;

export type Status = (typeof STATUSES)[keyof typeof STATUSES];

/** `NOMEM`, for the sentence. */
export const statusName = (status: Status): string =>
  Object.entries(STATUSES).find(([, value]) => value === status)?.[0] ?? String(status);
