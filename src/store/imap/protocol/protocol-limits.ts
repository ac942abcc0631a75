// What a server may send. Whoever sends more is cut off: its answer is no answer, and nothing is concluded from it.

/** Bytes of a line, without literals. Inclusive: the UIDs of a million messages in one SEARCH have room. */
export const lineBytesMax = 8 << 20;

/** Bytes of all literals of a response that are not streamed: names of mailboxes and header fields. Inclusive. */
export const keptLiteralBytesMax = 1 << 20;

/** Bytes of a literal that is streamed: twice the largest text that a bundle carries. Inclusive. */
export const streamedLiteralBytesMax = 512 << 20;

/** Literals of one response. Inclusive: a row of FETCH has one or two. */
export const literalsMax = 1000;

/** How deep lists may lie in lists. Inclusive: no response that is asked for has more than three. */
export const listDepthMax = 20;

/** Bytes of a command up to a literal or its end, inclusive: servers must take so many (RFC 7162), and some no more. */
export const commandBytesMax = 8000;
