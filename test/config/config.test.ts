import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { parse, stringify } from 'smol-toml';
import { accountsIn, chooseAccount } from '../../src/config/account-directories.js';
import { type Config, loadConfig } from '../../src/config/load-config.js';
import { parseConfig } from '../../src/config/parse-config-file.js';
import type { SettableOption } from '../../src/config/settable-option.js';
import { describeOrigin } from '../../src/config/setting-with-origin.js';
import { Failure, type FailureCode } from '../../src/failure.js';

type Test = { after(clean: () => void): void };

function homeOf(t: Test): string {
  const home = mkdtempSync(join(tmpdir(), 'mrepl-config-'));
  t.after(() => rmSync(home, { recursive: true }));
  return home;
}

function put(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true });
  const written = path.endsWith('.toml') ? stringify(content as object) : JSON.stringify(content);
  writeFileSync(path, typeof content === 'string' ? content : written);
  return path;
}

function load(
  home: string,
  {
    env = {},
    cwd = '/nowhere',
    ...options
  }: {
    env?: Record<string, string>;
    cwd?: string;
    account?: string;
    config?: string;
    settable?: SettableOption[];
  } = {},
): Config {
  return loadConfig(
    { env, home, cwd },
    { account: options.account ?? null, config: options.config ?? null, settable: options.settable ?? [] },
  );
}

function failure(code: FailureCode, about: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(error.code, code);
    assert.match(`${error.message} / ${error.hint}`, about);
    return true;
  };
}

describe('the configuration', () => {
  it('is complete without any file', (t) => {
    const home = homeOf(t);
    const byDefault = { kind: 'default' };
    assert.deepEqual(load(home), {
      file: { value: join(home, '.config/mrepl/config.toml'), from: byDefault },
      fileThere: false,
      turnedOver: null,
      dataDirectory: { value: join(home, '.local/share/mrepl'), from: byDefault },
      account: { value: null, from: byDefault },
      waitMs: { value: null, from: byDefault },
      directories: { value: [], from: byDefault },
      doveadm: { value: ['doveadm'], from: byDefault },
      trashBytesMax: { value: null, from: byDefault },
      pairRight: { value: null, from: byDefault },
      options: [],
      warnings: [],
    });
  });

  it('has doveadm from the environment before the file, as words, and not at all where it is empty', (t) => {
    const home = homeOf(t);
    put(join(home, '.config/mrepl/config.toml'), { doveadm: ['/usr/bin/doveadm'] });
    assert.deepEqual(load(home).doveadm.value, ['/usr/bin/doveadm']);
    assert.deepEqual(load(home, { env: { MREPL_DOVEADM: 'sudo  doveadm' } }).doveadm.value, ['sudo', 'doveadm']);
    assert.deepEqual(load(home, { env: { MREPL_DOVEADM: '' } }).doveadm.value, []);
  });

  it('is found where the XDG variables say, if they are absolute', (t) => {
    const home = homeOf(t);
    const env = { XDG_CONFIG_HOME: join(home, 'c'), XDG_DATA_HOME: join(home, 'd') };
    put(join(home, 'c/mrepl/config.toml'), { account: 'alice' });
    const config = load(home, { env });
    assert.equal(config.account.value, 'alice');
    assert.deepEqual(config.dataDirectory, {
      value: join(home, 'd/mrepl'),
      from: { kind: 'environment', name: 'XDG_DATA_HOME' },
    });
    const relative = load(home, { env: { XDG_CONFIG_HOME: 'c', XDG_DATA_HOME: '' } });
    assert.equal(relative.file.value, join(home, '.config/mrepl/config.toml'));
    assert.equal(relative.dataDirectory.value, join(home, '.local/share/mrepl'));
  });

  it('takes every setting from the file, and knows that it did', (t) => {
    const home = homeOf(t);
    const file = put(join(home, '.config/mrepl/config.toml'), {
      account: 'alice',
      waitSeconds: 1.5,
      directories: ['/media/*/', '~/Mail exchange', '~'],
      trashSize: '1.5G',
    });
    const { account, waitMs, directories, trashBytesMax, warnings } = load(home);
    assert.deepEqual(account, { value: 'alice', from: { kind: 'file', file, key: 'account' } });
    assert.deepEqual(waitMs, { value: 1500, from: { kind: 'file', file, key: 'wait-seconds' } });
    assert.deepEqual(directories.value, ['/media/*/', join(home, 'Mail exchange'), home]);
    assert.deepEqual(trashBytesMax, { value: 1_500_000_000, from: { kind: 'file', file, key: 'trash-size' } });
    assert.deepEqual(warnings, []);
    assert.equal(describeOrigin(account.from), `"account" in ${file}`);
  });

  it('lets the command line win over the environment, and that over the file', (t) => {
    const home = homeOf(t);
    put(join(home, '.config/mrepl/config.toml'), { account: 'of-file' });
    const other = put(join(home, 'other.json'), { account: 'of-other' });
    const third = put(join(home, 'third.json'), {});
    const env = { MREPL_ACCOUNT: 'of-env', MREPL_CONFIG: other };
    assert.equal(load(home).account.value, 'of-file');
    assert.deepEqual(load(home, { env: { MREPL_CONFIG: other } }).account, {
      value: 'of-other',
      from: { kind: 'file', file: other, key: 'account' },
    });
    assert.deepEqual(load(home, { env }).account, {
      value: 'of-env',
      from: { kind: 'environment', name: 'MREPL_ACCOUNT' },
    });
    const told = load(home, { env, account: 'of-option', config: 'third.json', cwd: home });
    assert.deepEqual(told.account, { value: 'of-option', from: { kind: 'option', name: '--account' } });
    assert.deepEqual(told.file, { value: third, from: { kind: 'option', name: '--config' } });
    assert.equal(load(home, { env: { MREPL_ACCOUNT: '', MREPL_CONFIG: '' } }).account.value, 'of-file');
    put(join(home, '.config/mrepl/config.toml'), { trashSize: 7 });
    assert.equal(load(home, { env: { MREPL_TRASH_SIZE: '' } }).trashBytesMax.value, 7);
    assert.deepEqual(load(home, { env: { MREPL_TRASH_SIZE: '20K' } }).trashBytesMax, {
      value: 20_000,
      from: { kind: 'environment', name: 'MREPL_TRASH_SIZE' },
    });
  });

  it('has what a paired host may do from the environment before the file, and else nobody has said', (t) => {
    const home = homeOf(t);
    assert.deepEqual(load(home).pairRight, { value: null, from: { kind: 'default' } });
    const file = put(join(home, '.config/mrepl/config.toml'), { pairRight: 'append' });
    assert.deepEqual(load(home).pairRight, { value: 'append', from: { kind: 'file', file, key: 'pair-right' } });
    assert.deepEqual(load(home, { env: { MREPL_PAIR_RIGHT: 'read' } }).pairRight, {
      value: 'read',
      from: { kind: 'environment', name: 'MREPL_PAIR_RIGHT' },
    });
    assert.equal(load(home, { env: { MREPL_PAIR_RIGHT: '' } }).pairRight.value, 'append');
    assert.throws(
      () => load(home, { env: { MREPL_PAIR_RIGHT: 'write' } }),
      failure('config', /^MREPL_PAIR_RIGHT must be one of read, append, full, not "write"/),
    );
  });

  it('misses a file only where one was named', (t) => {
    const home = homeOf(t);
    assert.throws(() => load(home, { config: '/no/such' }), failure('config', /\/no\/such does not exist/));
    assert.throws(() => load(home, { env: { MREPL_CONFIG: '/no/such' } }), failure('config', /does not exist/));
    assert.throws(
      () => load(home, { config: home }),
      failure('config', /cannot be read: .* is a directory, not a file/),
    );
    assert.throws(() => load(home, { config: '' }), failure('usage', /--config/));
    assert.throws(() => load(home, { account: '' }), failure('usage', /--account/));
  });

  it('is refused where the environment names no size', (t) => {
    assert.throws(
      () => load(homeOf(t), { env: { MREPL_TRASH_SIZE: '2 XB' } }),
      failure('config', /^MREPL_TRASH_SIZE must be a number of bytes, .* not "2 XB"/),
    );
  });

  it('cannot be changed afterwards', (t) => {
    const home = homeOf(t);
    put(join(home, '.config/mrepl/config.toml'), { directories: ['/a'], odd: 1 });
    const config = load(home);
    const attempts = [config, config.file, config.account.from, config.directories.value, config.warnings[0]];
    for (const part of attempts) assert.ok(Object.isFrozen(part));
  });
});

/** A few options, as the command line has them. */
const settable: SettableOption[] = [
  { command: null, atTop: true, key: 'quiet', takes: 'flag', choices: null, otherwise: false },
  { command: null, atTop: true, key: 'max-size', takes: 'text', choices: null, otherwise: null },
  { command: 'sync', atTop: true, key: 'quiet', takes: 'flag', choices: null, otherwise: false },
  { command: 'sync', atTop: true, key: 'max-size', takes: 'text', choices: null, otherwise: null },
  { command: 'sync', atTop: true, key: 'texts', takes: 'text', choices: ['all', 'none'], otherwise: 'all' },
  { command: 'doctor', atTop: false, key: 'deep', takes: 'flag', choices: null, otherwise: false },
  { command: 'restore', atTop: false, key: 'mailbox', takes: 'list', choices: null, otherwise: [] },
];

describe('a configuration file in TOML', () => {
  const parse = (text: string): ReturnType<typeof parseConfig> =>
    parseConfig(text, { file: '/etc/x.toml', home: '/home/alice', settable });

  it('has settings and options at its top, and options of one command in a table', () => {
    const { settings, options, warnings } = parse(
      'wait-seconds = 2\nmax_size = 700\nquiet = true\n[sync]\nmaxSize = "2G"\n[restore]\nmailbox = "Lists/*"\n',
    );
    assert.deepEqual(settings, { waitSeconds: 2 });
    assert.deepEqual(options, [
      { command: null, key: 'max-size', written: 'max_size', value: '700' },
      { command: null, key: 'quiet', written: 'quiet', value: true },
      { command: 'sync', key: 'max-size', written: 'sync.maxSize', value: '2G' },
      { command: 'restore', key: 'mailbox', written: 'restore.mailbox', value: ['Lists/*'] },
    ]);
    assert.deepEqual(warnings, []);
  });

  it('is refused, with its name, the key and what it must be, where it cannot be meant', () => {
    for (const [text, about] of [
      ['account = alice', /x\.toml is not TOML: line 1, column 11: .+ \/ .*--config/],
      ['quiet = "yes"', /x\.toml is wrong: "quiet" must be true or false/],
      ['max-size = "big"', /"max-size" must be a number of bytes/],
      ['[sync]\ntexts = "some"', /"sync\.texts" must be one of "all", "none"/],
      ['[restore]\nmailbox = [7]', /"restore\.mailbox" must be a text, or a list of texts/],
      ['max-size = 7\nmaxSize = 8', /"max-size" and "maxSize" are the same setting/],
      ['account = 1979-05-27', /"account" must be the name of an account/],
    ] as const) {
      assert.throws(() => parse(text), failure('config', about), text);
    }
  });

  it('names the right key, or the right place, for one that it does not know', () => {
    for (const [text, told] of [
      ['acount = "a"', '"acount" is no setting of this mrepl, and is passed over: did you mean "account"?'],
      ['deep = true', '"deep" is no setting of this mrepl, and is passed over: put it into a table [doctor]'],
      ['[snyc]\nquiet = true', '"snyc" is no command with options, and is passed over: did you mean "sync"?'],
      ['[doctor]\ndep = true', '"doctor.dep" is no setting of this mrepl, and is passed over: did you mean "deep"?'],
      ['frobnicate = 1', '"frobnicate" is no setting of this mrepl, and is passed over'],
    ] as const) {
      assert.deepEqual(
        parse(text).warnings.map(({ message }) => message),
        [`/etc/x.toml: ${told}`],
      );
    }
  });
});

describe('the JSON file of before', () => {
  it('is turned over to TOML by the first run, and kept beside it', (t) => {
    const home = homeOf(t);
    const former = put(join(home, '.config/mrepl/config.json'), {
      ...{ account: 'alice', waitSeconds: 3, maxSize: '2G', odd: { a: 1 } },
      directories: ['/media/alice/*'],
    });
    const file = join(home, '.config/mrepl/config.toml');
    const first = load(home, { settable });
    assert.deepEqual(first.turnedOver, { from: former, kept: `${former}.old` });
    assert.deepEqual(first.account, { value: 'alice', from: { kind: 'file', file, key: 'account' } });
    assert.deepEqual(structuredClone(parse(readFileSync(file, 'utf8'))), {
      ...{ account: 'alice', 'wait-seconds': 3, 'max-size': '2G', odd: { a: 1 } },
      directories: ['/media/alice/*'],
    });
    assert.deepEqual(readdirSync(dirname(file)).sort(), ['config.json.old', 'config.toml']);
    const second = load(home, { settable });
    assert.equal(second.turnedOver, null);
    assert.deepEqual({ ...second, turnedOver: first.turnedOver }, first);
  });

  it('stays as it is where it is wrong, named, or beside a newer one', (t) => {
    const home = homeOf(t);
    const former = put(join(home, '.config/mrepl/config.json'), { waitSeconds: 'x' });
    assert.throws(() => load(home), failure('config', /config\.json is wrong: "waitSeconds"/));
    put(former, { account: 'alice' });
    assert.deepEqual(load(home, { config: former }).account.from, { kind: 'file', file: former, key: 'account' });
    put(join(home, '.config/mrepl/config.toml'), { account: 'bob' });
    assert.equal(load(home).account.value, 'bob');
    assert.deepEqual(readdirSync(dirname(former)).sort(), ['config.json', 'config.toml']);
  });
});

describe('a configuration file in JSON', () => {
  const parse = (text: string): ReturnType<typeof parseConfig> =>
    parseConfig(text, { file: '/etc/x.json', home: '/home/alice', settable });

  it('is refused, with its name and the key, where it cannot be meant', () => {
    for (const [text, about] of [
      ['', /\/etc\/x\.json is not JSON: .+ \/ .*--config/],
      ['{"account": "a",}', /\/etc\/x\.json is not JSON/],
      ['[]', /\/etc\/x\.json is not a JSON object/],
      ['null', /is not a JSON object/],
      ['{"account": 7}', /\/etc\/x\.json is wrong: "account" must be/],
      ['{"account": ""}', /"account"/],
      ['{"waitSeconds": "10"}', /\/etc\/x\.json is wrong: "waitSeconds" must be a number from 0 to 86400/],
      ['{"waitSeconds": -1}', /"waitSeconds"/],
      ['{"doveadm": "doveadm"}', /"doveadm" must be a list of words/],
      ['{"doveadm": [""]}', /"doveadm"/],
      ['{"waitSeconds": 86401}', /"waitSeconds"/],
      ['{"waitSeconds": null}', /"waitSeconds"/],
      ['{"directories": "/media/usb"}', /\/etc\/x\.json is wrong: "directories" must be a list/],
      ['{"directories": ["/a", 7]}', /"directories"/],
      ['{"directories": [""]}', /"directories"/],
      ['{"directories": ["usb"]}', /"directories" cannot hold "usb": a directory must begin with \/ or ~\//],
      ['{"directories": ["~bob/usb"]}', /must begin with/],
      ['{"trashSize": 0}', /"trashSize" must be a number of bytes/],
      ['{"trashSize": "2X"}', /"trashSize"/],
      ['{"trashSize": ["2G"]}', /"trashSize"/],
      ['{"pairRight": "write"}', /"pairRight" must be one of "read", "append", "full"/],
      ['{"pairRight": null}', /"pairRight"/],
    ] as const) {
      assert.throws(() => parse(text), failure('config', about), text);
    }
  });

  it('may hold what this version does not know, which is told', () => {
    const { settings, warnings } = parse('\ufeff{"account":"a","acount":"b","__proto__":{"waitSeconds":3}}');
    assert.deepEqual(settings, { account: 'a' });
    assert.deepEqual(
      warnings.map(({ file, key }) => [file, key]),
      [
        ['/etc/x.json', 'acount'],
        ['/etc/x.json', '__proto__'],
      ],
    );
    assert.match(warnings[0]?.message ?? '', /^\/etc\/x\.json: "acount" is no setting/);
  });

  it('takes the ends of every range', () => {
    assert.deepEqual(parse('{"waitSeconds": 0, "directories": []}').settings, { waitSeconds: 0, directories: [] });
    assert.deepEqual(parse('{"waitSeconds": 86400}').settings, { waitSeconds: 86_400 });
  });
});

describe('the account that is meant', () => {
  function having(t: Test, accounts: readonly string[], options: Parameters<typeof load>[1] = {}): Config {
    const home = homeOf(t);
    for (const name of accounts) put(join(home, '.local/share/mrepl', name, 'catalog.db'), '');
    return load(home, options);
  }

  it('is the only one there is', (t) => {
    const config = having(t, ['alice']);
    const place = join(config.dataDirectory.value, 'alice');
    const expected = { name: 'alice', catalog: join(place, 'catalog.db'), keys: join(place, 'keys') };
    assert.deepEqual(chooseAccount(config), expected);
  });

  it('is the one chosen', (t) => {
    const config = having(t, ['alice', 'bob'], { account: 'bob' });
    assert.equal(chooseAccount(config).name, 'bob');
    assert.equal(chooseAccount(having(t, ['alice', 'bob'], { env: { MREPL_ACCOUNT: 'alice' } })).name, 'alice');
  });

  it('must be said where there are several', (t) => {
    const config = having(t, ['bob', 'alice']);
    assert.throws(
      () => chooseAccount(config),
      failure('usage', /several accounts: alice, bob; .* \/ .*--account alice/),
    );
  });

  it('must have been set up', (t) => {
    assert.throws(
      () => chooseAccount(having(t, [])),
      failure('config', /no account is set up .* \/ .*\n {2}mrepl init$/),
    );
    assert.throws(
      () => chooseAccount(having(t, ['alice'], { env: { MREPL_ACCOUNT: 'bob' } })),
      failure(
        'config',
        /no account "bob", which MREPL_ACCOUNT in the environment names \(accounts here: alice\) \/ .*\n {2}mrepl init --account bob/,
      ),
    );
    assert.throws(
      () => chooseAccount(having(t, ['alice'], { account: '../mrepl/alice' })),
      failure('config', /no account "\.\.\/mrepl\/alice"/),
    );
  });

  it('is looked for in directories that hold a catalog, and nowhere else', (t) => {
    const data = homeOf(t);
    assert.deepEqual(accountsIn(join(data, 'none')), []);
    mkdirSync(join(data, 'empty'));
    put(join(data, 'file'), '');
    put(join(data, 'b', 'catalog.db'), '');
    put(join(data, 'a', 'catalog.db'), '');
    assert.deepEqual(accountsIn(data), ['a', 'b']);
    assert.throws(() => accountsIn(join(data, '\0')), failure('io', /cannot look for accounts/));
  });
});
