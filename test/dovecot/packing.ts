import { type Dovecot, isBefore24 } from './dovecot.js';

/** How new mail is saved, by the names that Dovecot has for it. plugin: plain, by a Dovecot that reads all of these. */
export type Packing = 'gz' | 'zstd' | 'bz2' | 'plugin';

/** From now on this server saves mail so; null: it has no plugin for packed mail. */
export async function savePacked(server: Dovecot, packing: Packing | null): Promise<void> {
  return server.reconfigure(packing === null ? '' : await packingLines(packing));
}

/** The lines of its configuration for that. */
export async function packingLines(packing: Packing): Promise<string> {
  return (await isBefore24()) ? zlib(packing) : compress(packing);
}

function zlib(packing: Packing): string {
  const plugin = packing === 'plugin' ? '' : `plugin {\n  zlib_save = ${packing}\n}`;
  return `mail_plugins = zlib\n${plugin}\n`;
}

/** From 2.4 on. */
function compress(packing: Packing): string {
  const method = packing === 'plugin' ? '' : `mail_compress_write_method = ${packing}`;
  return `mail_plugins {\n  mail_compress = yes\n}\n${method}\n`;
}
