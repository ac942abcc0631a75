import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeSettingsWithoutPaths } from '../../src/store/store-settings-without-paths.js';

test('of a Maildir the settings are said, and no path', () => {
  const said = storeSettingsWithoutPaths('maildir:/home/alice/Mail:LAYOUT=fs:CONTROL=/var/control/alice');
  assert.equal(said, 'maildir, LAYOUT=fs, CONTROL=');
});

test('of a store of another kind its kind alone is said', () => {
  assert.equal(storeSettingsWithoutPaths('imaps://alice@mail.example.org/'), 'imaps');
});
