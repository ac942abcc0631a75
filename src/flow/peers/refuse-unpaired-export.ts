import type { IdentityCatalog } from '../../catalog/interface/host-identity.js';
import type { PairedHostCatalog } from '../../catalog/interface/paired-host-catalog.js';
import { readersIn } from '../../catalog/interface/recipients-and-permissions.js';
import { type Advice, advice, Failure, typed } from '../../failure.js';

/**
 * Stops whoever would write mail that anybody can read, without having said so. `others`: accounts of which something
 * lies there, where nothing of this one does. Throws `unpaired`; `revoked` where a pipe would stay empty, as all peers
 * were revoked.
 */
export function refuseUnpaired(
  catalog: IdentityCatalog & PairedHostCatalog,
  where: { readonly target: string; readonly plain: boolean; readonly others: readonly string[] },
): void {
  const { target, plain, others } = where;
  const doing = `writing to ${target === '-' ? 'standard output' : target}`;
  if (catalog.pairedHosts().length > 0) {
    if (target !== '-' || readersIn(catalog).length > 0) return;
    throw new Failure('revoked', `${doing}: every peer was revoked, so there is nobody to write for`, {
      hint: '"mrepl peers" lists the hosts; "mrepl pair DIR" takes up others.',
    });
  }
  if (plain) return;
  const { account } = catalog.identity;
  const elsewhere = others.length === 0 ? '' : `; ${nothingOf(account, others)}`;
  const right = others.length === 0 ? '' : advice`${rightAccount(others)} Else, `;
  throw new Failure(
    'unpaired',
    `${doing}: no host is paired, so anybody could read the mail${elsewhere}; nothing was changed`,
    {
      hint: advice`${right}${others.length === 0 ? 'To' : 'to'} seal it to the other hosts, on each of them: ${typed('mrepl', 'pair', target === '-' ? 'DIR' : target)} To write it for anybody to read, add --plain.`,
    },
  );
}

/** Names that are shown at once, inclusive. */
const namedMax = 8;

/** Some of these names: anybody can make folders on a stick. */
export function named(names: readonly string[]): string {
  const left = names.length - namedMax;
  return names.slice(0, namedMax).join(', ') + (left > 0 ? ` and ${left} more` : '');
}

/** Said where no other host has left anything of this account; the end of a sentence. */
export function nothingOf(account: string, others: readonly string[]): string {
  return `no other host has left anything of the account ${account} there, only of ${named(others)}`;
}

/** What to do where the account's name is wrong. */
export function rightAccount([first = '', ...more]: readonly string[]): Advice {
  const name = more.length === 0 ? first : 'NAME';
  return advice`If this host is to be of ${more.length === 0 ? first : 'one of them'}: ${typed('mrepl', 'uninit')}${typed('mrepl', 'init', 'STORE', '--account', name)}`;
}
