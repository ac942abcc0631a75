import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach } from 'node:test';
import { scratch } from '../end-to-end/site.js';
import { type Host, makeHost, pairAll } from '../host.js';
import { type Dovecot, type DovecotAccount, startDovecot } from './dovecot.js';
import type { MailClient } from './mail-client.js';

/** A host with an account of its own on a Dovecot, and a mail program that is logged in there. */
export type ServedHost = Host & {
  readonly account: DovecotAccount;
  readonly server: Dovecot;
  readonly client: MailClient;
};

export type ServedHosts = { readonly home: ServedHost; readonly cabin: ServedHost; readonly stick: string };

export type ServedPair = {
  /** A Dovecot with Maildir++. */
  readonly home: Dovecot;
  /** One with LAYOUT=fs. */
  readonly cabin: Dovecot;
  /** A new account on each, with an empty INBOX; nothing is set up yet. */
  makeHosts(t: { after(clean: () => void): void }): Promise<ServedHosts>;
};

/** To be called within a `describe`, for whose tests the two servers run. What they complain of is forgotten before each test. */
export function servedPair(): ServedPair {
  let servers: readonly Dovecot[] = [];
  let scenes = 0;
  before(async () => {
    servers = await Promise.all([startDovecot(), startDovecot({ layout: 'fs' })]);
  });
  after(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });
  beforeEach(() => {
    for (const server of servers) server.troubles();
  });
  const serverAt = (index: number): Dovecot => {
    const server = servers[index];
    if (server === undefined) throw new Error('the servers have not been started yet');
    return server;
  };
  return {
    get home() {
      return serverAt(0);
    },
    get cabin() {
      return serverAt(1);
    },
    async makeHosts(t) {
      scenes++;
      const directory = scratch(t);
      const stick = join(directory, 'stick');
      mkdirSync(stick);
      const hostOn = async (server: Dovecot, name: string): Promise<ServedHost> => {
        const account = server.account(`user${scenes}`);
        const client = await account.client();
        await client.look('INBOX'); // which makes the Maildir
        return { ...makeHost({ name, home: join(directory, name), store: account.store }), account, server, client };
      };
      return { home: await hostOn(serverAt(0), 'home'), cabin: await hostOn(serverAt(1), 'cabin'), stick };
    },
  };
}

/** Sets both hosts up, and pairs them. */
export async function initServed({ home, cabin }: ServedHosts): Promise<void> {
  for (const host of [home, cabin]) await host.mrepl('init', host.store, '--name', host.name);
  await pairAll([home, cabin]);
}
