import { inbox } from '../../mail/mailbox-name.js';
import { draftOf } from '../../replica/edited-map.js';
import type { HostId } from '../../replica/host-id.js';
import { isPresent } from '../../replica/mailbox-state.js';
import type { KnownMailbox } from '../../replica/mailbox-state-and-stored-files.js';
import { birthKey, compareBirths } from '../../replica/message-birth.js';
import { joinLedgers } from '../../replica/uid-ledger.js';
import { tickOf } from '../../replica/version-vector.js';
import { everyRule, type Rules } from '../rules-tests-can-switch-off.js';
import { freshValidity } from './make-new-uidvalidity.js';

/**
 * A mailbox as others can be told of it. One whose store gives out no UIDs has none, and no UIDVALIDITY, as long as
 * nobody else needs them, for until then those of a peer, which clients may know, can be taken. Now its messages get
 * some, in the order in which they came. Nobody has heard of these messages, so their registers keep the stamps of
 * their births.
 *
 * An empty mailbox gets a UIDVALIDITY, too, so that all who make it make it alike; but not INBOX, which every server
 * makes by itself.
 */
export function withFirstUids(
  known: KnownMailbox,
  { self, nowS }: { readonly self: HostId; readonly nowS: number },
  rules: Rules = everyRule,
): KnownMailbox {
  const { state, storeUids } = known;
  if (state.validity !== null || !isPresent(state)) return known;
  if (state.instances.size === 0 && (state.name === inbox || !rules.agreeEmpty)) return known;
  const uidValidity = storeUids?.uidValidity ?? freshValidity(nowS);
  const inOrder = [...state.instances.values()].sort(
    (a, b) => a.uid.uid - b.uid.uid || compareBirths(a.birth, b.birth),
  );
  const instances = draftOf(state.instances);
  inOrder.forEach((instance, n) => {
    instances.set(birthKey(instance.birth), { ...instance, uid: { ...instance.uid, uidValidity, uid: n + 1 } });
  });
  const claims = inOrder.length === 0 ? [] : [{ uidValidity, label: self, lo: 1, hi: inOrder.length }];
  const modseq = state.highestModseq + 1;
  return {
    ...known,
    state: {
      ...state,
      clock: new Map(state.clock).set(self, { ...tickOf(state.clock, self), modseq }),
      highestModseq: modseq,
      validity: { resets: 0, uidValidity },
      uidNext: inOrder.length + 1,
      instances: instances.current(),
      ledger: joinLedgers(state.ledger, { claims, agreements: [] }),
    },
  };
}
