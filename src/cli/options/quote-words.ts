/** A word as a POSIX shell has to be given it: in quotes where it holds more than harmless characters. */
export function shellWord(word: string): string {
  return /^[\w@+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** systemd.service(5), "Command lines": C-style quotes; `%` and `$` are doubled. */
export function unitWord(word: string): string {
  return unitText(word.replaceAll('$', '$$$$'));
}

/** The same where `$` means nothing, as in `Environment=`. */
export function unitText(text: string): string {
  const literal = text.replaceAll('%', '%%');
  return /^[\w@+=:,./*%$-]+$/.test(text) ? literal : `"${literal.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
