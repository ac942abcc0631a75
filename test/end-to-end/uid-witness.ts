import assert from 'node:assert/strict';
import { viewMaildir } from '../maildir-view.js';
import { viewReplica } from './replica-view.js';
import type { Site } from './site.js';

/** Remembers every UID that ever named a text on a host, as the mail clients of its users do. */
export type UidWitness = {
  /** Looks at the UID lists of a host, and at what its catalog says; fails where a UID names another text than it did. */
  look(site: Site): Promise<void>;
};

/** A witness that has seen nothing yet. */
export function makeUidWitness(): UidWitness {
  const named = new Map<string, string>();
  const note = (site: Site, where: string, text: string): void => {
    const key = `${site.name} ${where}`;
    const before = named.get(key);
    assert.ok(before === undefined || before === text, `${key} named the text ${before}, and names ${text} now`);
    named.set(key, text);
  };
  return {
    async look(site) {
      for (const [mailbox, { uidValidity, messages }] of Object.entries(viewMaildir(site.maildir, site.layout))) {
        for (const { uid, text } of messages) {
          if (uid !== null) note(site, `${mailbox.replaceAll('.', '/')}, UIDVALIDITY ${uidValidity}, UID ${uid}`, text);
        }
      }
      for (const [mailbox, { messages }] of Object.entries(await viewReplica(site))) {
        for (const { uidValidity, uid, guid } of messages)
          note(site, `${mailbox}, UIDVALIDITY ${uidValidity}, UID ${uid}`, guid);
      }
    },
  };
}
