import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { MessageChange } from '../../../src/flow/reports/message-change-type.js';
import { runPage } from '../../../src/terminal/html/run-page.js';
import { importReport, restoreReport, view } from '../run-samples.js';
import { hostileSubjects, largePage } from './large-page.js';

test('a page has its policy with the hashes of what is in it, and no address of any network', () => {
  const html = largePage(6);
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
  const [, script = ''] = /<script type="module">([\s\S]*?)<\/script>/.exec(html) ?? [];
  const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? [];
  for (const [what, text] of [
    ['style-src', style],
    ['script-src', script],
  ] as const) {
    assert.ok(policy.includes(`${what} 'sha256-${createHash('sha256').update(text).digest('base64')}'`), what);
  }
  assert.match(policy, /^default-src 'none'; /);
  assert.doesNotMatch(html, /https?:|<link|^import |@import/m);
});

test('a message that two hosts changed is marked as one of a conflict', () => {
  const [, data = ''] =
    /id="data">([\s\S]*?)<\/script>/.exec(
      runPage([{ ...importReport, messages: [disputed, { ...disputed, uidBefore: 8 }] }], view),
    ) ?? [];
  const { messages } = JSON.parse(data) as { messages: { c?: 1 }[] };
  assert.deepEqual(
    messages.map(({ c }) => c),
    [1, undefined],
  );
});

test('the page of a plan of restore says how much room it takes', () => {
  const room = { neededBytes: 2468, freeBytes: 5000 };
  const html = runPage([{ ...restoreReport, isListing: false, dryRun: true, room }], view);
  const [, data = ''] = /id="data">([\s\S]*?)<\/script>/.exec(html) ?? [];
  const { plans } = JSON.parse(data) as { plans: { words: { word: string; text: string }[] }[] };
  const said = plans[0]?.words.find(({ word }) => word === 'ROOM');
  assert.equal(said?.text, 'at most 2.5 kB needed, 5.0 kB free');
});

const disputed: MessageChange = {
  ...{ what: 'goes', mailbox: 'INBOX', from: null, guid: 'a1'.repeat(32), uidBefore: 9, uidAfter: null },
  ...{ flagsBefore: [], flagsAfter: [], receivedS: 0, sizeBytes: 1, sender: null, subject: null, by: null },
};

test('a page is under 150 kB without its data, and no text of a mail can end the data', () => {
  const html = largePage(6);
  const [whole = '', data = ''] = /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(html) ?? [];
  assert.ok(html.length - whole.length < 150_000);
  assert.doesNotMatch(data, /[<\u2028]/);
  const { messages } = JSON.parse(data) as { messages: { t: string }[] };
  assert.equal(messages[0]?.t, hostileSubjects[0]);
});
