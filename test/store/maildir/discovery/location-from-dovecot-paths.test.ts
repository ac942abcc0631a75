import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DovecotPaths } from '../../../../src/store/maildir/discovery/ask-dovecot-for-paths.js';
import { locationFromPaths } from '../../../../src/store/maildir/discovery/location-from-dovecot-paths.js';
import { formatMaildirLocation } from '../../../../src/store/maildir/layout/maildir-location.js';

function paths(mailbox: string | null, control = mailbox, index = mailbox): DovecotPaths {
  return { mailbox, control, index };
}

function spec(inbox: DovecotPaths, probe: DovecotPaths | null): string | null {
  const location = locationFromPaths({ inbox, probe });
  return location === null ? null : formatMaildirLocation(location);
}

test('the store is told from the paths of two mailboxes', () => {
  const r = '/home/a/Maildir';
  assert.equal(spec(paths(r), paths(`${r}/.&AMQ-rger.Sub`)), `maildir:${r}`);
  assert.equal(spec(paths(r), paths(`${r}/.Ärger.Sub`)), `maildir:${r}:UTF-8`);
  assert.equal(spec(paths(r), paths(`${r}/&AMQ-rger/Sub`)), `maildir:${r}:LAYOUT=fs`);
  assert.equal(spec(paths(r), paths(`${r}/Ärger/Sub`)), `maildir:${r}:LAYOUT=fs:UTF-8`);
  assert.equal(spec(paths('/var/mail/a'), paths(`${r}/.&AMQ-rger.Sub`)), `maildir:${r}:INBOX=/var/mail/a`);
  assert.equal(
    spec(paths(r, '/c/.INBOX', '/i/.INBOX'), paths(`${r}/.&AMQ-rger.Sub`, '/c/.&AMQ-rger.Sub', '/i/.&AMQ-rger.Sub')),
    `maildir:${r}:INDEX=/i:CONTROL=/c`,
  );
  assert.equal(spec(paths(r, r, null), paths(`${r}/.&AMQ-rger.Sub`, `${r}/.&AMQ-rger.Sub`, null)), `maildir:${r}`);
});

test('what has no shape of a Maildir is no location', () => {
  assert.equal(spec(paths('/m/mailboxes/INBOX/dbox-Mails'), paths('/m/mailboxes/&AMQ-rger/Sub/dbox-Mails')), null);
  assert.equal(spec(paths('/m'), null), null);
  assert.equal(spec(paths(null), paths('/m/.&AMQ-rger.Sub')), null);
});
