import { join } from 'node:path';
import { openCatalog } from '../../src/catalog/open-catalog.js';
import { isPresent } from '../../src/replica/mailbox-state.js';
import type { Host } from '../host.js';

/** What a host's catalog says of one mailbox: what has to be the same on all hosts in the end. */
export type ReplicaView = {
  readonly uidValidity: number | null;
  readonly uidNext: number;
  readonly messages: readonly {
    readonly uid: number;
    readonly uidValidity: number;
    /** That of the mail, whoever fetched it. */
    readonly guid: string;
    readonly flags: readonly string[];
    readonly receivedS: number;
  }[];
};

/** Every mailbox that is there, by name. Waits for a run that is going on. */
export async function viewReplica(host: Host, account = 'alice'): Promise<Record<string, ReplicaView>> {
  const catalog = await openCatalog(join(host.data, 'mrepl', account, 'catalog.db'), { waitMs: 10_000 });
  try {
    const views: Record<string, ReplicaView> = {};
    for (const summary of catalog.summaries()) {
      const known = catalog.load(summary.state.name);
      if (known === null || !isPresent(known.state)) continue;
      const { validity, uidNext, instances } = known.state;
      const messages = [...instances.values()].map(({ uid, guid, same, flags, receivedS }) => ({
        uid: uid.uid,
        uidValidity: uid.uidValidity,
        guid: same ?? guid,
        flags: [...flags].flatMap(([flag, register]) => (register.on ? [flag] : [])).sort(),
        receivedS,
      }));
      messages.sort((a, b) => a.uid - b.uid);
      views[summary.state.name] = { uidValidity: validity?.uidValidity ?? null, uidNext, messages };
    }
    return Object.fromEntries(Object.entries(views).sort(([a], [b]) => (a < b ? -1 : 1)));
  } finally {
    catalog.close();
  }
}
