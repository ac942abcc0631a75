/** A string as SSH writes it (RFC 4251, section 5): its length in bytes, 32 bit, big-endian, then the bytes. */
export function sshString(content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
