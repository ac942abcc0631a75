import assert from 'node:assert/strict';
import { letter } from '../end-to-end/site.js';
import { comparable } from './comparable.js';
import type { Dovecot } from './dovecot.js';
import type { MailboxView, MailClient } from './mail-client.js';
import { type ServedHost, type ServedHosts, servedPair } from './served-pair.js';

export type ServedScene = ServedHosts & {
  /** UIDVALIDITY of the INBOX at home, when both were empty. */
  readonly uidValidity: number;
};

/** Two hosts with a real Dovecot each, of different layouts, and what is looked at of them. To be called within a `describe`. */
export function servedScenes() {
  const servers = servedPair();

  /** A new account on each server, empty. */
  async function makeScene(t: { after(clean: () => void): void }): Promise<ServedScene> {
    const hosts = await servers.makeHosts(t);
    const { uidValidity } = await hosts.home.client.look('INBOX');
    return { ...hosts, uidValidity };
  }

  async function exchange({ home, cabin, stick }: ServedScene): Promise<void> {
    for (const host of [home, cabin, home]) await host.mrepl('sync', stick);
  }

  /** INBOX, which each server has made by itself, takes the UIDVALIDITY of the older one, which Dovecot logs where it has shown another. */
  function assertNothingLogged(): void {
    const isTrouble = (line: string): boolean => !/Warning: Mail(?:dir|box) .*UIDVALIDITY changed/.test(line);
    assert.deepEqual(
      { home: servers.home.troubles(), cabin: servers.cabin.troubles().filter(isTrouble) },
      { home: [], cabin: [] },
    );
  }

  /** What a client sees that logs in now: Dovecot shows sessions that have asked for the list before no mailbox made by others. */
  async function freshLook({ account }: ServedHost): Promise<Record<string, MailboxView>> {
    const client = await account.client();
    const views = await client.lookAtAll();
    await client.close();
    return views;
  }

  async function assertSame({ home, cabin, uidValidity }: ServedScene): Promise<Record<string, MailboxView>> {
    const [atHome, atCabin] = [await freshLook(home), await freshLook(cabin)];
    assert.deepEqual(comparable(atCabin), comparable(atHome));
    assert.equal(atHome.INBOX?.uidValidity, uidValidity);
    assert.deepEqual(await cabin.account.subscriptions(), await home.account.subscriptions());
    assert.deepEqual(await guids(servers.cabin, cabin), await guids(servers.home, home));
    return atHome;
  }

  return { servers, makeScene, exchange, assertNothingLogged, freshLook, assertSame };
}

/** Mail in three mailboxes, with flags, keywords, dates and letters beyond ASCII. */
export async function fill(client: MailClient): Promise<void> {
  for (const number of [1, 2, 3, 4]) {
    await client.append('INBOX', crlf(letter(`number ${number}`)), {
      date: new Date(Date.UTC(2019, 2, 3 + number, 5, 6, 7)),
      flags: number === 1 ? ['\\Seen', '\\Answered', 'Work', '$Label1'] : [],
    });
  }
  await client.create('Archiv/Grüße');
  await client.append('Archiv/Grüße', crlf(letter('Grüße', 'Schöne Grüße')), { flags: ['\\Seen', 'Privat'] });
  await client.create('Lists/a');
}

/** With the line ends of IMAP. */
export function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

/** Dovecot's own message GUIDs, by mailbox and UID. */
async function guids(server: Dovecot, { account }: ServedHost): Promise<string[]> {
  const listing = await server.doveadm('-f', 'tab', 'fetch', '-u', account.name, 'mailbox uid guid', 'ALL');
  return listing.split('\n').filter(Boolean).sort();
}
