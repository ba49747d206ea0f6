/** The driver has brought the whole guest down; thrown by nothing but a named mistake. */
export class Panic extends Error {
  /** `hung`: the guest answers nothing any more. */
  readonly how: 'crashed' | 'hung';

  constructor(how: Panic['how'], says: string) {
    super(says);
    this.name = 'Panic';
    this.how = how;
  }
}
