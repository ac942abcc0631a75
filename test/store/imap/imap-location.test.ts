import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Failure } from '../../../src/failure.js';
import {
  accountAtServer,
  formatImapLocation,
  nameOfImapAccount,
  parseImapLocation,
  withServerWords,
} from '../../../src/store/imap/imap-location.js';

describe('the address of an IMAP account', () => {
  for (const [spec, user, host, port, tls] of [
    ['imaps://alice@mail.example.org', 'alice', 'mail.example.org', 993, 'implicit'],
    ['IMAPS://alice@Mail.Example.Org:1993/', 'alice', 'mail.example.org', 1993, 'implicit'],
    ['imap://alice@mail.example.org', 'alice', 'mail.example.org', 143, 'starttls'],
    ['imap://alice@localhost:1143', 'alice', 'localhost', 1143, 'none'],
    ['imap://alice@127.0.0.9', 'alice', '127.0.0.9', 143, 'none'],
    ['imap://alice@127.0.0.9.example.org', 'alice', '127.0.0.9.example.org', 143, 'starttls'],
    ['imap://alice@[::1]:1143', 'alice', '::1', 1143, 'none'],
    ['imap://alice@mail.example.org?insecure', 'alice', 'mail.example.org', 143, 'none'],
    ['imaps://alice@example.org@mail.example.org', 'alice@example.org', 'mail.example.org', 993, 'implicit'],
    ['imaps://alice%40example.org@mail.example.org', 'alice@example.org', 'mail.example.org', 993, 'implicit'],
    ['imap://alice@cabin?tunnel=ssh%20bob@cabin%20imap', 'alice', 'cabin', 143, 'starttls'],
  ] as const) {
    test(`${spec} is read`, () => {
      const location = parseImapLocation(spec);
      const { user: readUser, host: readHost, port: readPort, tls: readTls } = location;
      assert.deepEqual([readUser, readHost, readPort, readTls], [user, host, port, tls]);
    });
  }

  for (const spec of [
    'imaps://alice@mail.example.org',
    'imaps://alice@example.org@mail.example.org:1993',
    'imap://a%20b%2Fc%3Fd@[2001:db8::1]?password-command=pass%20show%20mail/alice%20%26%26%20true',
    'imap://alice@cabin?tunnel=ssh%20bob@cabin%20/usr/lib/dovecot/imap',
    'imap://alice@mail.example.org?password-file=/home/alice/.mail-password&insecure=yes',
    'imaps://alice+lists@mail.example.org?token-command=oauth%20"a%20b"&ca-file=/etc/own.pem',
  ]) {
    test(`${spec} is written as it was read`, () => assert.equal(formatImapLocation(parseImapLocation(spec)), spec));
  }

  test('is shown without the words behind it, and without the port that is usual', () => {
    const name = nameOfImapAccount(parseImapLocation('imaps://alice@mail.example.org:993?password-variable=SECRET'));
    assert.equal(name, 'imaps://alice@mail.example.org');
  });

  test('is one account whatever leads to it', () => {
    const one = accountAtServer(parseImapLocation('imaps://alice@Mail.example.org'));
    assert.equal(accountAtServer(parseImapLocation('imap://alice@mail.example.org:143?tunnel=x')), one);
  });

  for (const [spec, says] of [
    ['imaps://alice:hunter2@mail.example.org', /can be read by others/],
    ['imaps://mail.example.org', /whose account/],
    ['imaps://@mail.example.org', /whose account/],
    ['imaps:alice', /no address/],
    ['imaps://alice@mail example.org', /no address/],
    ['imaps://alice@mail.example.org:0', /no port/],
    ['imaps://alice@mail.example.org:70000', /no port/],
    ['imaps://alice@mail.example.org/INBOX', /no address/],
    ['imaps://alice@mail.example.org?password=hunter2', /not among the words/],
    ['imaps://alice@mail.example.org?password-command=', /no value/],
    ['imaps://alice@mail.example.org?password-command=%', /no value/],
    ['imaps://alice@mail.example.org?insecure=no', /no value/],
    ['imaps://alice@mail.example.org?password-command=a&password-file=b', /only one/],
    ['imaps://alice@mail.example.org?password-credential=../x', /without "\/"/],
    ['imaps://a%0Ab@mail.example.org', /whose account/],
  ] as const) {
    test(`${spec} is refused, and no message has a password`, () => {
      assert.throws(
        () => parseImapLocation(spec),
        (error) => {
          assert.ok(error instanceof Failure);
          assert.equal(error.code, 'usage');
          assert.match(error.message, says);
          assert.doesNotMatch(`${error.message} ${error.hint}`, /hunter2/);
          return true;
        },
      );
    });
  }

  test('takes what options say in the place of its own way to the password', () => {
    const before = 'imaps://alice@mail.example.org?password-command=old&ca-file=/etc/own.pem';
    const after = withServerWords(before, new Map([['password-file', '/home/alice/.mail-password']]));
    assert.equal(after, 'imaps://alice@mail.example.org?password-file=/home/alice/.mail-password&ca-file=/etc/own.pem');
  });
});
