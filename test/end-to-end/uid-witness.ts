import assert from 'node:assert/strict';
import { viewMaildir } from '../maildir-view.js';
import { viewReplica } from './replica-view.js';
import type { Site } from './site.js';

/** Remembers every UID that ever named a text on a host, as the mail clients of its users do. */
export type UidWitness = {
  /** Somebody saw that in this place, UID and all, there is this text. */
  note(where: string, text: string): void;
  /** How many UIDs it has seen. */
  count(): number;
  /** Looks at the UID lists of a host, as clients do; fails where a UID names another text than it did. */
  lookAtLists(site: Pick<Site, 'name' | 'maildir' | 'layout'>): void;
  /** And at what its catalog says, where there is a UID for every message. */
  look(site: Site): Promise<void>;
};

/** A witness that has seen nothing yet. */
export function makeUidWitness(): UidWitness {
  const named = new Map<string, string>();
  const note = (where: string, text: string): void => {
    const before = named.get(where);
    assert.ok(before === undefined || before === text, `${where} named the text ${before}, and names ${text} now`);
    named.set(where, text);
  };
  const lookAtLists: UidWitness['lookAtLists'] = ({ name, maildir, layout }) => {
    for (const [mailbox, { uidValidity, messages }] of Object.entries(viewMaildir(maildir, layout))) {
      for (const { uid, text } of messages) {
        if (uid !== null) note(`${name} ${mailbox.replaceAll('.', '/')}, UIDVALIDITY ${uidValidity}, UID ${uid}`, text);
      }
    }
  };
  return {
    note,
    count: () => named.size,
    lookAtLists,
    async look(site) {
      lookAtLists(site);
      for (const [mailbox, { messages }] of Object.entries(await viewReplica(site))) {
        for (const { uidValidity, uid, guid } of messages) {
          note(`${site.name} ${mailbox}, UIDVALIDITY ${uidValidity}, UID ${uid}`, guid);
        }
      }
    },
  };
}
