import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dumpCatalog } from '../../src/catalog/dump-catalog.js';
import { initAccount } from '../../src/flow/identity/init-account.js';
import type { ImportOptions } from '../../src/flow/import/import-options.js';
import { importFrom } from '../../src/flow/import/run-import.js';
import type { ImportReport } from '../../src/flow/reports/run-report-types.js';
import { openSession, type Session } from '../../src/flow/session/account-session.js';
import { join as joinNews } from '../../src/merge/join/join-news-of-all-bundles.js';
import { diff } from '../../src/merge/send/news-since.js';
import { withFirstUids } from '../../src/merge/uids/number-mailbox-without-uids.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { unknownMailbox } from '../../src/replica/mailbox-state-and-stored-files.js';
import { emptyClock } from '../../src/replica/version-vector.js';
import { newAgeIdentity } from '../../src/trust/age/recipient-keys.js';
import { home as bad, newsOf, plainKeys } from '../bundle/sample.js';
import { makeSite, type Site, type SiteOptions } from '../end-to-end/site.js';

// A host with mail of its own, paired with one that has gone bad: its signatures are good, and nothing else need be.

export { bad };
export const self = 'b'.repeat(32);
/** A third host, as honest as the first, that both have heard of. */
export const ship = 'c'.repeat(32);

export type Victim = {
  readonly site: Site;
  readonly session: Session;
  readonly stick: string;
  /** Imports these bundles of the bad host, and no others. Throws what stops the whole run. */
  take(bundles: Uint8Array | readonly Uint8Array[], options?: Partial<ImportOptions>): Promise<ImportReport>;
};

export type VictimOptions = SiteOptions & {
  readonly fill?: (site: Site) => void;
  readonly spec?: (site: Site) => string;
};

/** Made in `directory`; closed when the test ends. */
export async function makeVictim(
  t: { after(clean: () => Promise<void>): void },
  directory: string,
  { fill, spec = (site) => site.store, ...options }: VictimOptions = {},
): Promise<Victim> {
  const site = makeSite(directory, 'cabin', { uidList: true, ...options });
  fill?.(site);
  const stick = join(directory, 'stick');
  const bundles = join(stick, 'mrepl', 'alice');
  mkdirSync(bundles, { recursive: true });
  const place = { catalogPath: join(site.home, 'catalog.db'), keysPath: join(site.home, 'keys') };
  const surroundings = { home: site.home, machineName: 'cabin', now: Date.now, listener: () => undefined };
  await initAccount({
    ...place,
    ...surroundings,
    spec: spec(site),
    account: 'alice',
    hostName: 'cabin',
    randomHostId: () => self,
  });
  const { signal } = new AbortController();
  const session = await openSession({ ...place, ...surroundings, waitMs: 0, signal });
  t.after(() => session.close());
  session.catalog.putPairedHost({
    hostId: bad,
    name: 'home',
    signingKey: plainKeys.signingKey.publicKey,
    ageRecipient: newAgeIdentity().recipient,
    right: 'full',
    isRevoked: false,
    isRetired: false,
    pairedAtS: 1,
  });
  const victim: Victim = {
    site,
    session,
    stick,
    async take(given, options = {}) {
      const files = given instanceof Uint8Array ? [given] : given;
      for (const [index, bytes] of files.entries()) writeFileSync(join(bundles, `home-00004${index}.tar.zst`), bytes);
      try {
        const rest = { dryRun: false, mailboxes: [], allowExpunge: false, ...options };
        return await importFrom(session, { directory: stick }, rest);
      } finally {
        for (const name of readdirSync(bundles)) rmSync(join(bundles, name));
        // They all have one number, and statements that contradict each other: only the first of them would be taken.
        for (const key of session.catalog.notes().keys()) {
          if (/^(?:bundle:|equivocation:|split-births|disowned-by)/.test(key)) session.catalog.setNote(key, null);
        }
        session.catalog.dropStatement(bad);
        session.catalog.dropSigned(bad);
      }
    },
  };
  await victim.take([]); // so that its store has given out UIDs, and where it gives none, as if it had been exported
  for (const { state } of session.catalog.summaries()) {
    const known = session.catalog.load(state.name);
    if (known !== null) session.catalog.save(known, withFirstUids(known, { self, nowS: 1_700_000_000 }));
  }
  return victim;
}

/** What a host that is honest, has taken in all of the victim and has these messages of its own, would say of the mailbox. */
export function honestNews({ session }: Victim, texts: readonly Uint8Array[], mailbox = 'INBOX'): MailboxNews {
  const known = session.catalog.load(mailbox) ?? unknownMailbox(mailbox);
  const { state } = joinNews(known, texts.length === 0 ? [] : [newsOf(mailbox, texts)], self).known;
  return diff(state, emptyClock, bad);
}

/** All that a refusal has to leave as it was. */
export type Snapshot = {
  /** What the catalog knows of mail. */
  readonly mail: readonly string[];
  /** What it knows of hosts and bundles, but for the log, and for which bundles were refused or damaged. */
  readonly hosts: readonly string[];
  /** Every file of the store, with a hash of what is in it. */
  readonly files: readonly string[];
};

export function snapshot({ session, site }: Victim): Snapshot {
  const mail: string[] = [];
  const hosts: string[] = [];
  let isMail = false;
  for (const line of dumpCatalog(session.catalog)) {
    if (line.startsWith('note "passed-over"')) continue; // that a file was looked at
    if (!line.startsWith(' ')) isMail = line.startsWith('mailbox ');
    if (isMail) mail.push(line.replace(/, fingerprint .*/, ''));
    else if (!/^(?:log|note "(?:refused:|damaged:|complaint"))/.test(line)) hosts.push(line);
  }
  return { mail, hosts, files: filesBelow(site.maildir) };
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(root, name);
      if (!statSync(path).isFile()) return `${name}/`;
      return `${name} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`;
    });
}
