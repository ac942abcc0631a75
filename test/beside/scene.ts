import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../bench/random.js';
import { type Dovecot, type DovecotAccount, startDovecot } from '../dovecot/dovecot.js';
import { packingLines } from '../dovecot/packing.js';
import { makeSite } from '../end-to-end/site.js';
import { makeUidWitness, type UidWitness } from '../end-to-end/uid-witness.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { type Fetcher, makeMbsync } from '../mbsync.js';
import { busyPrefix, idlePrefix } from './boxes.js';
import { makeNotmuch, type Notmuch } from './notmuch.js';
import { idOf, type Place, servedPlace } from './place.js';
import { plainPlace } from './plain-place.js';

/** The servers that all histories of a run share; each history has accounts of its own. */
export type Servers = {
  readonly provider: Dovecot;
  readonly home: Dovecot;
  readonly cabin: Dovecot;
  readonly boat: Dovecot;
  readonly hut: Dovecot;
  stop(): Promise<void>;
};

export async function startServers(): Promise<Servers> {
  const [provider, home, cabin, boat, hut] = await Promise.all([
    startDovecot(),
    startDovecot(),
    startDovecot({ layout: 'fs' }),
    startDovecot({ extra: await packingLines('gz') }),
    startDovecot(),
  ]);
  const all = [provider, home, cabin, boat, hut];
  return {
    ...{ provider, home, cabin, boat, hut },
    async stop() {
      for (const server of all) await server.stop();
    },
  };
}

/** A host of its own, and what people do there. */
export type MailHost = Host & Place;
export type ServedHost = MailHost & { readonly account: DovecotAccount; readonly server: Dovecot };
export type FedHost = MailHost & Fetcher;

/**
 * Four hosts with a Dovecot each, which delivers; into the Maildir of one of them an mbsync brings the mail of the provider, and another mbsync into
 * the plain Maildir of a fifth host, with notmuch.
 */
export type Scene = {
  readonly stick: string;
  readonly provider: Place;
  readonly hosts: readonly MailHost[];
  readonly served: readonly ServedHost[];
  readonly notmuch: Notmuch;
  readonly witness: UidWitness;
};

export function isFed(host: MailHost): host is FedHost {
  return 'fetch' in host;
}

export const mailboxNames = ['INBOX', 'Work', 'Lists/a'] as const;

/** `letters`: so many are with the provider, and were fetched by both, before any host knew of another. */
export async function makeScene(
  servers: Servers,
  { directory, name, letters, random }: { directory: string; name: string; letters: readonly string[]; random: Random },
): Promise<Scene> {
  const stick = join(directory, 'stick');
  mkdirSync(stick, { recursive: true });
  const witness = makeUidWitness();
  const farAccount = servers.provider.account(name);
  const provider = servedPlace('provider', farAccount, () => {});
  for (const id of letters) await provider.deliver(id, random.pick(mailboxNames));

  const source = { server: servers.provider, account: farAccount };
  const served: ServedHost[] = [];
  for (const hostName of ['home', 'cabin', 'boat', 'hut'] as const) {
    const server = servers[hostName];
    const account = server.account(name);
    const place = servedPlace(hostName, account, (views) => {
      for (const [mailbox, { uidValidity, messages }] of Object.entries(views))
        for (const { uid, text } of messages)
          witness.note(`${hostName} ${mailbox}, UIDVALIDITY ${uidValidity}, UID ${uid}`, idOf(text));
    });
    await place.look(); // makes the Maildir
    const env = { MREPL_DOVEADM: server.user.command(['doveadm']).join(' ') };
    const host = {
      ...makeHost({ name: hostName, home: join(directory, hostName), store: account.store, env }),
      ...place,
    };
    // To Dovecot a new name is new mail, and a mailbox that mbsync has deleted is one to be made anew.
    const mbsync =
      hostName === 'hut'
        ? makeMbsync(
            { ...account, user: server.user },
            { ...source, numbersIn: 'database', patterns: ['*', `!${busyPrefix}*`, `!${idlePrefix}*`] },
          )
        : {};
    served.push({ ...host, ...mbsync, account, server });
  }
  const site = makeSite(directory, 'desk');
  const desk: FedHost = {
    ...site,
    ...plainPlace(site),
    ...makeMbsync(site, { ...source, patterns: ['*', `!${busyPrefix}*`] }),
  };
  const hosts: MailHost[] = [...served, desk];
  for (const host of hosts.filter(isFed)) await host.fetch();
  for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll(hosts);
  return { stick, provider, hosts, served, notmuch: makeNotmuch(site), witness };
}
