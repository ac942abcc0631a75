import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeServer } from '../../../src/store/imap/session/describe-server.js';

function told(capabilities: readonly string[], name: string | null = null): string {
  return describeServer({ capabilities: new Set(capabilities), saidToBe: () => name }).join('\n');
}

for (const [what, capabilities, says] of [
  ['that says what changed', ['CONDSTORE'], /nothing changed are not opened/],
  ['that does not say what changed', [], /each run looks through all mailboxes/],
  ['that takes many messages at a time', ['MULTIAPPEND'], /many at a time/],
  ['that takes messages one by one', [], /one by one/],
  ['that expunges no single messages', [], /only marked as deleted/],
  ['with a limit of sizes', ['APPENDLIMIT=35651584'], /more than 36 MB/],
  ['with labels', ['X-GM-EXT-1'], /labels are mailboxes/],
  ['that shows a part', ['MESSAGELIMIT=1000'], /shown in part/],
] as const) {
  test(`of a server ${what} that is said`, () => assert.match(told(capabilities), says));
}

test('of a server with UIDPLUS nothing is said of what stays there', () => {
  assert.doesNotMatch(told(['UIDPLUS']), /marked as deleted/);
});

test('a server is called what it says that it is', () => {
  assert.match(told([], 'Dovecot 2.3'), /^the server says that it is Dovecot 2\.3\n/);
});
