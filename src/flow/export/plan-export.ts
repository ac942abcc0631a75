import type { Exported } from '../../catalog/interface/export-catalog.js';
import type { HostId } from '../../replica/host-id.js';
import type { ComposeRequest, Outstanding } from './compose-bundle.js';
import type { ExportSituation } from './gather-facts-for-export.js';
import { acknowledgesMore } from './what-recipients-know.js';
import type { Sender } from './write-and-record-bundle.js';

/** What an export is going to do. */
export type ExportPlan = {
  /** Is nothing to be written? */
  readonly isIdle: boolean;
  /** Must something be said of this host itself, even if there is no room for anything else? */
  readonly mustState: boolean;
  /** What the bundles are to tell; what does not fit is left for the next export. */
  readonly outstanding: Outstanding;
  /** What was asked for to find that, and the bundles at the target that the new ones build upon. */
  readonly request: ComposeRequest;
  /** How many of those are going to stay there. */
  readonly buildsOn: number;
  readonly sender: Sender;
  /** Files at the target to be removed: of bundles that every recipient has taken in, and what nobody needs. */
  readonly removed: readonly string[];
  /** Bundles at the target to be removed, too, once all that they say was said again. */
  readonly saidAgain: readonly Exported[];
  /** Bundles, wherever they lie, that need not be remembered any more. */
  readonly superseded: readonly Exported[];
};

/**
 * Decides what an export does. It depends on nothing but what it is given. `isAwaited`: does somebody wait for a bundle
 * at the other end?
 */
export function planExport(
  situation: ExportSituation,
  { self, full, isAwaited }: { readonly self: HostId; readonly full: boolean; readonly isAwaited: boolean },
): ExportPlan {
  const { recipients, hasReaders, chain, lasting, heardByAll, statement, served, keys } = situation;
  const superseded = recipients.length > 0 ? heardByAll : [];
  const isSuperseded = new Set(superseded);
  const removed = chain.filter((bundle) => isSuperseded.has(bundle)).map(({ fileName }) => fileName);
  return {
    isIdle: !hasReaders || (situation.isQuiet && !situation.hasServedMore && !isAwaited),
    mustState: situation.hasServedMore || acknowledgesMore(statement, situation.stating, self),
    outstanding: situation.outstanding,
    request: { ...situation.request, chain: full ? [] : lasting },
    buildsOn: full ? 0 : lasting.filter((bundle) => !isSuperseded.has(bundle)).length,
    sender: { statement, recipients, served: served.modseqs, keys },
    removed: [...removed, ...situation.obsoleteFiles],
    saidAgain: chain.slice(lasting.length),
    superseded,
  };
}
