import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMailboxName, mailboxNameOf } from '../../src/mail/mailbox-name.js';

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
