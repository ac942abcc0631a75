import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../bench/random.js';
import { type Dovecot, type DovecotAccount, startDovecot } from '../dovecot/dovecot.js';
import { packingLines } from '../dovecot/packing.js';
import { makeSite } from '../end-to-end/site.js';
import { makeUidWitness, type UidWitness } from '../end-to-end/uid-witness.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { type Fetcher, makeMbsync } from '../mbsync.js';
import { makeNotmuch, type Notmuch } from './notmuch.js';
import { idOf, type Place, plainPlace, servedPlace } from './place.js';

/** The servers that all histories of a run share; each history has accounts of its own. */
export type Servers = {
  readonly provider: Dovecot;
  readonly home: Dovecot;
  readonly cabin: Dovecot;
  readonly boat: Dovecot;
  stop(): Promise<void>;
};

export async function startServers(): Promise<Servers> {
  const [provider, home, cabin, boat] = await Promise.all([
    startDovecot(),
    startDovecot(),
    startDovecot({ layout: 'fs' }),
    startDovecot({ extra: await packingLines('gz') }),
  ]);
  const all = [provider, home, cabin, boat];
  return {
    ...{ provider, home, cabin, boat },
    async stop() {
      for (const server of all) await server.stop();
    },
  };
}

export type ServedHost = Host & Place & { readonly account: DovecotAccount; readonly server: Dovecot };
export type FedHost = Host & Place & Fetcher & { readonly maildir: string };

/** Three hosts with a Dovecot each, which delivers; two plain Maildirs that an mbsync each feeds from the provider, one with notmuch. */
export type Scene = {
  readonly directory: string;
  readonly stick: string;
  readonly provider: Place;
  readonly served: readonly ServedHost[];
  readonly fed: readonly FedHost[];
  readonly notmuch: Notmuch;
  readonly witness: UidWitness;
};

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

  const fed = ['desk', 'hut'].map((hostName): FedHost => {
    const site = makeSite(directory, hostName);
    const mbsync = makeMbsync(site, { server: servers.provider, account: farAccount });
    return { ...site, ...plainPlace(site), ...mbsync };
  });
  const served: ServedHost[] = [];
  for (const hostName of ['home', 'cabin', 'boat'] as const) {
    const server = servers[hostName];
    const account = server.account(name);
    const place = servedPlace(hostName, account, (views) => {
      for (const [mailbox, { uidValidity, messages }] of Object.entries(views))
        for (const { uid, text } of messages)
          witness.note(`${hostName} ${mailbox}, UIDVALIDITY ${uidValidity}, UID ${uid}`, idOf(text));
    });
    await place.held(); // makes the Maildir
    const env = { MREPL_DOVEADM: server.user.command(['doveadm']).join(' ') };
    const host = makeHost({ name: hostName, home: join(directory, hostName), store: account.store, env });
    served.push({ ...host, ...place, account, server });
  }
  for (const host of fed) await host.fetch();
  const hosts = [...served, ...fed];
  for (const host of hosts) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll(hosts);
  const [desk] = fed;
  assert.ok(desk !== undefined);
  return { directory, stick, provider, served, fed, notmuch: makeNotmuch(desk), witness };
}
