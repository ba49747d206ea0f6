/** One message of a client, as the functions that answer it see it. */

export interface Request {
  /** What follows the header. Valid only while the message is being answered. */
  readonly payload: DataView;
  /** The descriptors that came along. Whoever keeps one takes it out; what is left is closed after the answer. */
  readonly descriptors: number[];
  /** Room for the reply's payload, zeroed by whoever needs zeroes. */
  readonly reply: DataView;
}

/** Why a message was not carried out. */
export interface Refusal {
  /** One of `ERRNO`, for the client. */
  readonly errno: number;
  /** For the owner of the transport; a clause that continues "REGION_READ refused: …". Absent: nobody did wrong. */
  readonly because?: string;
}

/** The size in bytes of the payload that was put into `reply`, or a refusal. */
export type Answer = number | Refusal;

/** The client asked for something wrong. */
export const refuse = (errno: number, because: string): Refusal => ({ errno, because });

/** The client asked whether something is there, and it is not. */
export const decline = (errno: number): Refusal => ({ errno });
