/** The bounds on what a client may ask for. Those with a name of the vfio-user document are told to the client. */

/** The largest `count` of a region access; the document's default, so it holds for a client that names none too. */
export const max_data_xfer_size = 1 << 20;

/** Descriptors in one message. QEMU refuses a server that names more than 16. */
export const max_msg_fds = 8;

/** DMA windows at a time for one function; QEMU needs about a dozen. */
export const max_dma_maps = 1024;

/** Page sizes of DMA windows, ORed together. */
export const pgsizes = 4096;

/** A whole message: header, the largest fixed part, the largest data. */
export const MAX_MESSAGE_SIZE = max_data_xfer_size + 4096;

/** The JSON of VERSION, in bytes. */
export const MAX_VERSION_DATA_SIZE = 65536;

/** Taken from one socket at a time, in bytes, so that one busy client does not hold up the others. */
export const RECEIVE_SLICE = 65536;

/** Replies that a client leaves unread, in bytes, before it is disconnected. */
export const MAX_UNSENT_SIZE = 4 << 20;

/** Refused messages that are reported of one connection; the rest are only counted by the client's replies. */
export const MAX_REPORTED_REFUSALS = 20;
