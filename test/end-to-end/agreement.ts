import assert from 'node:assert/strict';
import { pairAll } from '../host.js';
import { type FolderView, viewMaildir } from '../maildir-view.js';
import { viewReplica } from './replica-view.js';
import type { Site } from './site.js';

/** Every host syncs with the directory, one after the other, so many times; then all but the last once more, to hear what came after them. */
export async function exchange(sites: readonly Site[], directory: string, rounds = 1): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const site of sites) await site.mrepl('sync', directory);
  }
  for (const site of sites.slice(0, -1)) await site.mrepl('sync', directory);
}

/**
 * Runs mrepl where it may meet a bundle that builds upon news which this host does not have yet. That is said, with status 3, and is made good by
 * the next exchange; anything else that goes wrong fails.
 */
export async function runAhead(site: Site, ...args: readonly string[]): Promise<void> {
  const { status, out, err } = await site.run(...args);
  const complaints = err.split('\n').filter((line) => line.startsWith('mrepl: '));
  const isBehind =
    complaints.length > 0 && complaints.every((line) => line.includes('builds upon news that never came here'));
  assert.ok(
    status === 0 || (status === 3 && isBehind),
    `${site.name}$ mrepl ${args.join(' ')}: ${status}\n${out}${err}`,
  );
}

/** Sets up all hosts; those that meet, or whose sticks do, are paired: all of them, unless it is said who. */
export async function initAll(sites: readonly Site[], meetings: readonly (readonly Site[])[] = [sites]): Promise<void> {
  for (const site of sites) await site.mrepl('init', site.store, '--name', site.name);
  for (const meeting of meetings) await pairAll(meeting);
}

/**
 * All hosts hold the same mailboxes with the same texts, flags, dates and UIDs, in their catalogs and on disk, and each host's disk is what its
 * catalog says.
 */
export async function assertAgreed(sites: readonly Site[]): Promise<void> {
  const [first, ...others] = sites;
  if (first === undefined) return;
  const expected = await viewReplica(first);
  const onDisk = filled(viewMaildir(first.maildir, first.layout));
  for (const other of others) {
    assert.deepEqual(await viewReplica(other), expected, `the catalogs of ${first.name} and ${other.name} differ`);
    const onOther = filled(viewMaildir(other.maildir, other.layout));
    const keepsKeywords = [onDisk, onOther].every((folders) => Object.values(folders).some(hasUids));
    assert.deepEqual(
      withoutNames(onOther, keepsKeywords),
      withoutNames(onDisk, keepsKeywords),
      `the mail of ${first.name} and ${other.name} differs`,
    );
  }
  for (const site of sites) {
    for (const [mailbox, { messages }] of Object.entries(filled(viewMaildir(site.maildir, site.layout)))) {
      const replica = expected[mailbox.replaceAll('.', '/')];
      assert.deepEqual(
        messages.map(({ text }) => text).sort(),
        replica?.messages.map(({ guid }) => guid).sort(),
        `${site.name}: ${mailbox} on disk is not what the catalog says`,
      );
      for (const { uid, text } of messages) {
        const same = replica?.messages.some((message) => message.guid === text && message.uid === uid);
        assert.ok(uid === null || same, `${site.name}: ${mailbox} has UID ${uid} for another text`);
      }
    }
  }
}

function hasUids({ uidValidity }: FolderView): boolean {
  return uidValidity !== null;
}

/** The mailboxes with mail. */
export function filled(folders: Record<string, FolderView>): Record<string, FolderView> {
  return Object.fromEntries(Object.entries(folders).filter(([, { messages }]) => messages.length > 0));
}

/** What has to agree also between stores with a UID list and without: texts, flags and dates; keywords only where `keepsKeywords`. */
function withoutNames(folders: Record<string, FolderView>, keepsKeywords: boolean): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(folders).map(([name, { messages }]) => [
      name,
      messages
        .map(({ text, flags, receivedS }) => {
          // A letter whose name nobody knows any more says nothing.
          const known = flags.filter((flag) => !flag.startsWith('unnamed keyword '));
          const shown = known.filter((flag) => keepsKeywords || flag.length === 1);
          return `${text} ${receivedS} ${shown.join(' ')}`;
        })
        .sort(),
    ]),
  );
}
