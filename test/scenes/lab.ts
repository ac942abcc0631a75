import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from '../../src/apply/context/run-context.js';
import { workingCopyOf } from '../../src/apply/context/working-copy-of-mailboxes.js';
import { compare, noteLook } from '../../src/apply/examine/examine-mailbox.js';
import { createCatalog } from '../../src/catalog/open-catalog.js';
import { Failure } from '../../src/failure.js';
import { inbox, type MailboxName } from '../../src/mail/mailbox-name.js';
import type { MailStore } from '../../src/store/interface/mail-store.js';
import { createMemoryStore, type MemoryStore } from '../../src/store/memory/memory-store.js';
import { identity } from '../catalog/sample.js';

/** A store with a catalog, and nothing above them. */
export type Lab = {
  readonly bench: Bench;
  /** Without what stands between it and the bench. */
  readonly store: MemoryStore;
  /** Sees what is in a mailbox, the inbox where none is named. */
  look(mailbox?: MailboxName): Promise<void>;
  /** As Ctrl-C does. */
  interrupt(): void;
};

export type LabOptions = {
  readonly hostId?: string;
  readonly store?: MemoryStore;
  /** What stands between the store and the bench. */
  readonly through?: (store: MailStore) => MailStore;
};

/** A bench as a run has one, with a store in memory. */
export async function makeLab(
  t: { after(clean: () => void): void },
  { hostId = identity.hostId, store = createMemoryStore(), through = (same) => same }: LabOptions = {},
): Promise<Lab> {
  const directory = mkdtempSync(join(tmpdir(), 'mrepl-lab-'));
  const catalog = await createCatalog(join(directory, 'catalog.db'), { ...identity, hostId });
  t.after(() => {
    catalog.close();
    rmSync(directory, { recursive: true });
  });
  const interruption = new AbortController();
  const bench: Bench = {
    catalog,
    store: through(store),
    copy: workingCopyOf(catalog),
    nowS: () => 1_700_000_000,
    signal: interruption.signal,
    untaken: new Map(),
    onMessages: () => undefined,
  };
  return {
    bench,
    store,
    interrupt: () => interruption.abort(new Failure('interrupted', 'stopped here')),
    async look(mailbox = inbox) {
      const scan = await store.scan(mailbox, { known: null, assignUids: true });
      assert.ok(scan !== 'unchanged');
      const look = await compare({ ...bench, store }, bench.copy.get(mailbox), scan, { subscribed: false });
      bench.copy.put(look.observation.known);
      noteLook(bench, look);
    },
  };
}
