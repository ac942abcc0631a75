const CR = 0x0d;
const NUL = 0;

/**
 * Is this canonical text no more than what is left of another one: nothing, a beginning of it, or such a beginning with
 * zeros behind? That is what full disks, interrupted copies and power cuts leave. `begins` says whether the other text
 * begins with something.
 */
export function areRemains(found: Uint8Array, begins: (beginning: Uint8Array) => boolean): boolean {
  const end = found.findLastIndex((byte) => byte !== NUL) + 1;
  const beginning = found.subarray(0, end);
  if (beginning.length === 0 || begins(beginning)) return true;
  // Cut off between the two bytes of a line end: the first alone is not folded.
  return beginning.at(-1) === CR && begins(beginning.subarray(0, -1));
}

/** Does the text begin with all of this? */
export function beginsWith(text: Uint8Array, beginning: Uint8Array): boolean {
  return beginning.length <= text.length && Buffer.compare(text.subarray(0, beginning.length), beginning) === 0;
}
