/** What is wrong with a ring or chain, so that the device could not go on with it. */
export type RingBreak =
  | 'descriptor-index-out-of-range'
  | 'chain-loops'
  | 'chain-longer-than-queue'
  | 'chain-length-overflow'
  | 'indirect-not-negotiated'
  | 'indirect-nested'
  | 'indirect-with-next'
  | 'indirect-length-not-multiple-of-16'
  | 'indirect-empty'
  | 'writable-before-readable'
  | 'zero-length-descriptor'
  | 'address-not-in-memory'
  | 'available-index-jumped'
  | 'ring-not-in-memory'
  /** Packed: a descriptor of a list is not available although the one before it is. */
  | 'list-incomplete'
  /** Packed: the rest of a list would have to go where the device still has other descriptors. */
  | 'list-without-room'
  /** Packed: a descriptor was changed as if to make it available, with the marks of the round before or after. */
  | 'wrap-counter-wrong'
  /** Packed: a descriptor was changed, and its marks say neither available nor what stood there before. */
  | 'descriptor-marks-wrong'
  /** Packed: a descriptor was changed while the device had it. */
  | 'descriptor-changed'
  /** Packed: a descriptor in a list that is linked by NEXT points to an indirect table. */
  | 'indirect-in-list'
  /** Packed: the buffer ID belongs to a buffer that the device still has. */
  | 'buffer-id-in-flight'
  /** Packed: descriptors were made available in slots that the device has not used yet. */
  | 'ring-overrun';
