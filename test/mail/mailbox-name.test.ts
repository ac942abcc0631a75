import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMailboxName, looksLikeInbox, mailboxNameOf } from '../../src/mail/mailbox-name.js';

describe('mailbox names', () => {
  it('have one spelling', () => {
    assert.equal(mailboxNameOf(['Ko\u0308ln']), 'K\u00f6ln');
    assert.equal(mailboxNameOf(['inBox']), 'INBOX');
    assert.equal(mailboxNameOf(['Inbox', 'a']), 'INBOX/a');
    assert.equal(mailboxNameOf(['a', 'Inbox']), 'a/Inbox');
    assert.ok(isMailboxName('K\u00f6ln'));
    assert.ok(!isMailboxName('Ko\u0308ln'));
    assert.ok(!isMailboxName('inbox'));
  });

  it('are refused where they could lead elsewhere, or harm a terminal', () => {
    const wrong = [
      [],
      [''],
      ['a', ''],
      ['..'],
      ['a', '.', 'b'],
      ['a/b'],
      ['a\0'],
      ['a\nb'],
      ['\u001b[2J'],
      ['\u009b'],
      ['\ud800'],
    ];
    for (const parts of wrong) assert.equal(mailboxNameOf(parts), undefined, JSON.stringify(parts));
    assert.equal(mailboxNameOf(['a'.repeat(1024)])?.length, 1024);
    assert.equal(mailboxNameOf(['a'.repeat(1025)]), undefined);
  });
});

describe('a name that looks like the inbox', () => {
  it('is one but for what nobody sees, for marks and for style', () => {
    const alike = [
      'INB\u200bOX',
      '\u200eINBOX',
      'INBOX\u202c',
      'I\u00adNBOX',
      'inb\u2060ox',
      'INBOX ',
      '\u00a0INBOX',
      'IN\u200aBOX',
      'INBOX\u2800',
      'INBOX\u3164',
      'INBOX\ufe0f',
      'INBOX\u034f',
      'INBOX\u{e0041}',
      '\u00cdNBOX',
      '\u0131nbox',
      '\uff29\uff2e\uff22\uff2f\uff38',
      'INBOX\u200d/Work',
    ];
    for (const name of alike) assert.ok(looksLikeInbox(name.normalize('NFC')), JSON.stringify(name));
  });

  it('is not the inbox itself, nor a name that differs for everybody', () => {
    for (const name of [
      'INBOX',
      'INBOX/Work',
      'Work/INBOX',
      'Work/INB\u200bOX',
      'IN BOX',
      'Inbox 2',
      'INBOXES',
      'X',
      '\u200b',
    ]) {
      assert.ok(!looksLikeInbox(name), JSON.stringify(name));
    }
  });
});
