import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMailDirectory } from '../../src/store/is-mail-directory.js';
import { pathsOfStore, storeSettingsWithoutPaths } from '../../src/store/paths-and-settings-of-store.js';

const maildir = 'maildir:/home/alice/Mail:LAYOUT=fs:CONTROL=/var/control/alice';
const account = 'imaps://alice@mail.example.org/';

test('of a Maildir the settings are said, and no path', () => {
  assert.equal(storeSettingsWithoutPaths(maildir), 'maildir, LAYOUT=fs, CONTROL=');
});

test('of a store of another kind its kind alone is said', () => {
  assert.equal(storeSettingsWithoutPaths(account), 'imaps');
});

test('a Maildir has the directories that its specification names', () => {
  assert.deepEqual(pathsOfStore(maildir), ['/home/alice/Mail', '/var/control/alice']);
});

test('a store on a server has no directory', () => {
  assert.deepEqual(pathsOfStore(account), []);
});

test('no directory is taken for a store on a server', () => {
  assert.equal(isMailDirectory('/', account), false);
});
