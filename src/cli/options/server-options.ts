import type { Command } from 'commander';
import { Failure } from '../../failure.js';
import { isImapAddress, type ServerWord, serverWords, withServerWords } from '../../store/imap/imap-location.js';
import { type RawOptions, textOf } from './common-options.js';

/** The options that say how an IMAP account is reached, for commands to which a store is named. */
export function addServerOptions(command: Command): Command {
  return command
    .option('--password-command <command>', 'IMAP: a command that prints the password, e.g. "pass mail/alice"')
    .option('--password-file <file>', 'IMAP: a file with the password, that nobody else may read')
    .option('--password-variable <name>', 'IMAP: a variable of the environment with the password')
    .option(
      '--password-credential <name>',
      "IMAP: a credential of systemd with the password (a service's LoadCredential=)",
    )
    .option('--token-command <command>', 'IMAP: a command that prints an OAuth 2.0 access token')
    .option('--tunnel <command>', 'IMAP: a command that speaks IMAP, e.g. "ssh cabin /usr/lib/dovecot/imap"')
    .option('--ca-file <file>', 'IMAP: certificates of authorities to believe, too')
    .option('--insecure', 'IMAP: send the password in the clear where the address begins with imap:');
}

/**
 * A store as a user named it, with what options say of the way to it. Throws `usage` where they do not go with it, and
 * for an address that is none.
 */
export function storeWithServerOptions(spec: string, raw: RawOptions): string {
  const said = new Map<ServerWord, string>();
  for (const word of serverWords) {
    const value = raw[word.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (value === true) said.set(word, 'yes');
    else if (textOf(value) !== null) said.set(word, String(value));
  }
  if (isImapAddress(spec)) return withServerWords(spec, said);
  const [first] = said.keys();
  if (first === undefined) return spec;
  throw new Failure('usage', `--${first} is for an IMAP account, and ${spec} is none`, {
    hint: 'An IMAP account is written like imaps://alice@mail.example.org.',
  });
}
