/** Longest name of a user, in bytes of UTF-8: what a directory of that name may have on common file systems. */
const userNameBytesMax = 255;

/**
 * May it name one user of several in an account? More is allowed than in the name of a host, `@` and blanks too, as mail
 * servers do; nothing that would lead elsewhere as part of a path, or not be seen on a terminal.
 */
export function isUserName(name: string): boolean {
  if (name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > userNameBytesMax) return false;
  return !/[/\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name);
}
