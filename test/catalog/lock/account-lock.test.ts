import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import { guardOf, takeOver } from '../../../src/catalog/lock/account-lock.js';
import { formatOwner, type Owner, parseOwner, thisProcess } from '../../../src/catalog/lock/lock-owner.js';
import { createCatalog, openCatalog } from '../../../src/catalog/open-catalog.js';
import { Failure } from '../../../src/failure.js';
import { onEachBackend, scratch } from '../backends.js';
import { identity, range } from '../sample.js';

const holder = fileURLToPath(new URL('./lock-holder.js', import.meta.url));

type Child = { readonly process: ChildProcess; readonly line: Promise<string>; readonly ended: Promise<unknown> };

/** `line`: what it said, all of it where it ends. */
function start(path: string, backend: string, deed: string): Child {
  const child = spawn(process.execPath, [holder, path, backend, deed], { stdio: ['pipe', 'pipe', 'inherit'] });
  const line = new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data).trim())));
  const ended = new Promise((resolve) => child.once('exit', resolve));
  return { process: child, line, ended };
}

function isLocked(failure: unknown, about: RegExp): boolean {
  assert.ok(failure instanceof Failure && failure.code === 'locked', String(failure));
  assert.match(`${failure.message} / ${failure.hint}`, about);
  return true;
}

onEachBackend('lock', (backend) => {
  const options = { waitMs: 0, backend };

  async function fresh(t: { after(clean: () => void): void }): Promise<string> {
    const path = join(scratch(t), 'catalog.db');
    (await createCatalog(path, identity, options)).close();
    return path;
  }

  /** Opened, closed, and nothing but the catalog left beside it. */
  async function assertUsable(path: string): Promise<void> {
    const catalog = await openCatalog(path, options);
    catalog.close();
    assert.deepEqual(readdirSync(dirname(path)), ['catalog.db']);
  }

  it('names who has it and since when, to others and to itself', async (t) => {
    const path = await fresh(t);
    const child = start(path, backend, 'holdUntilTold');
    assert.equal(await child.line, 'held');
    const named = new RegExp(`process ${child.process.pid}, since 20\\d\\d-\\d\\d-\\d\\d \\d\\d:\\d\\d\\)`);
    await assert.rejects(openCatalog(path, options), (failure) => isLocked(failure, named));
    await assert.rejects(createCatalog(path, identity, options), (failure) => isLocked(failure, named));
    child.process.stdin?.write('close\n');
    await child.ended;

    const mine = await openCatalog(path, { ...options, now: () => 86_400_000 });
    await assert.rejects(openCatalog(path, options), (failure) =>
      isLocked(failure, new RegExp(`process ${process.pid}, since 1970-01-0[123] \\d\\d:\\d\\d\\)`)),
    );
    mine.close();
    await assertUsable(path);
  });

  it('is one lock for all names of one catalog', async (t) => {
    const path = await fresh(t);
    const elsewhere = scratch(t);
    symlinkSync(dirname(path), join(elsewhere, 'alice'));
    symlinkSync(path, join(elsewhere, 'catalog.db'));
    const mine = await openCatalog(path, options);
    for (const alias of ['alice/catalog.db', 'catalog.db']) {
      await assert.rejects(openCatalog(join(elsewhere, alias), options), (failure) => isLocked(failure, /at work/));
    }
    mine.close();
    (await openCatalog(join(elsewhere, 'catalog.db'), options)).close();
    await assertUsable(path);
  });

  it('waits for another to end where asked, and gives up in time or when told', async (t) => {
    const path = await fresh(t);
    const child = start(path, backend, 'holdUntilTold');
    await child.line;
    await assert.rejects(openCatalog(path, { ...options, waitMs: 250 }), (failure) => isLocked(failure, /at work/));
    const abort = new AbortController();
    const interrupted = openCatalog(path, { ...options, waitMs: 60_000, signal: abort.signal });
    abort.abort();
    await assert.rejects(interrupted, { code: 'interrupted' });
    const waiting = openCatalog(path, { ...options, waitMs: 60_000 });
    child.process.stdin?.write('close\n');
    (await waiting).close();
    await assertUsable(path);
  });

  it('dies with a process that is killed: what was committed is there, the rest is not', async (t) => {
    const path = await fresh(t);
    const child = start(path, backend, 'hold');
    assert.equal(await child.line, 'held');
    child.process.kill('SIGKILL');
    await child.ended;
    const catalog = await openCatalog(path, options);
    assert.equal(catalog.note('committed'), 'yes');
    assert.equal(catalog.load('INBOX'), null);
    catalog.close();
    await assertUsable(path);
  });

  it('dies with a process that ends without closing', async (t) => {
    const path = await fresh(t);
    const child = start(path, backend, 'forget');
    assert.equal(await child.line, 'forgotten');
    await child.ended;
    const catalog = await openCatalog(path, options);
    assert.equal(catalog.note('committed'), 'yes');
    catalog.close();
    await assertUsable(path);
  });

  it('lets one of many first runs make the catalog', async (t) => {
    const path = join(scratch(t), 'alice', 'catalog.db');
    const children = range(1, 4).map(() => start(path, backend, 'create'));
    const lines = await Promise.all(children.map((child) => child.line));
    assert.equal(lines.filter((line) => line === 'created').length, 1, lines.join());
    for (const line of lines) assert.match(line, /^(created|locked|cannot-create)$/);
    await Promise.all(children.map((child) => child.ended));
    await assertUsable(path);
  });

  it('lets one at a time work, also when all begin by finding a dead owner', async (t) => {
    const path = await fresh(t);
    const dead = start(path, backend, 'hold');
    await dead.line;
    dead.process.kill('SIGKILL');
    await dead.ended;
    const children = range(1, 4).map(() => start(path, backend, 'count'));
    const lines = await Promise.all(children.map((child) => child.line));
    assert.deepEqual(lines, Array(4).fill('counted'));
    await Promise.all(children.map((child) => child.ended));
    const catalog = await openCatalog(path, options);
    assert.equal(catalog.note('count'), '12');
    catalog.close();
    await assertUsable(path);
  });
});

onEachBackend('a lock found', (backend) => {
  const options = { waitMs: 0, backend };

  /** Opens a catalog that this owner's lock lies on. */
  async function openUnder(t: { after(clean: () => void): void }, changes: Partial<Owner>): Promise<Catalog> {
    const path = join(scratch(t), 'catalog.db');
    (await createCatalog(path, identity, options)).close();
    symlinkSync(formatOwner({ ...thisProcess(1), ...changes }), `${path}.owner`);
    return openCatalog(path, options);
  }

  it('of a live process is respected', async (t) => {
    await assert.rejects(openUnder(t, {}), (failure) => isLocked(failure, /at work/));
  });

  it('of an earlier process with the same pid is taken over', async (t) => {
    (await openUnder(t, { started: '1' })).close();
  });

  it('of a pid nobody has is taken over', async (t) => {
    (await openUnder(t, { pid: 2 ** 22 + 1 })).close();
  });

  it('from before the last boot of this machine is taken over', async (t) => {
    (await openUnder(t, { boot: 'an-earlier-one' })).close();
  });

  it('of another machine is respected, with what to do about it', async (t) => {
    const remote = openUnder(t, { boot: 'its-own', machine: 'elsewhere' });
    await assert.rejects(remote, (failure) =>
      isLocked(failure, /on elsewhere, since .* \/ .*cannot be seen.* remove /),
    );
  });

  it('of a container is judged by its socket, not by its pid', async (t) => {
    const elsewhere = { pids: 'pid:[1]', pid: 1 };
    await assert.rejects(openUnder(t, elsewhere), (failure) => isLocked(failure, /cannot be seen/));

    const path = join(scratch(t), 'catalog.db');
    (await createCatalog(path, identity, options)).close();
    const child = start(path, backend, 'hold');
    await child.line;
    const owner = parseOwner(readlinkSync(`${path}.owner`));
    assert.ok(owner?.socket);
    rmSync(`${path}.owner`);
    symlinkSync(formatOwner({ ...owner, ...elsewhere }), `${path}.owner`);
    await assert.rejects(openCatalog(path, options), (failure) => isLocked(failure, /Try again/));
    child.process.kill('SIGKILL');
    await child.ended;
    (await openCatalog(path, options)).close();
    assert.deepEqual(readdirSync(dirname(path)), ['catalog.db']);
  });

  it('of one that died while it took over from another is taken over', async (t) => {
    const directory = scratch(t);
    const path = join(directory, 'catalog.db');
    (await createCatalog(path, identity, options)).close();
    const first = formatOwner({ ...thisProcess(1), started: '1' });
    symlinkSync(first, `${path}.owner`);
    // The dead taker's own lock on the removal, under the name that the next taker will want.
    symlinkSync(formatOwner({ ...thisProcess(1), started: '2' }), guardOf(`${path}.owner`, first));
    (await openCatalog(path, options)).close();
    assert.deepEqual(readdirSync(directory), ['catalog.db']);

    // A living one is given its time.
    symlinkSync(first, `${path}.owner`);
    symlinkSync(formatOwner(thisProcess(1)), guardOf(`${path}.owner`, first));
    await assert.rejects(openCatalog(path, options), (failure) => isLocked(failure, /at work/));
    assert.equal(readlinkSync(`${path}.owner`), first);
  });

  it('that is nothing of ours is left alone', async (t) => {
    const path = join(scratch(t), 'catalog.db');
    (await createCatalog(path, identity, options)).close();
    for (const put of [
      () => writeFileSync(`${path}.owner`, ''),
      () => mkdirSync(`${path}.owner`),
      () => symlinkSync('somewhere', `${path}.owner`),
    ]) {
      put();
      await assert.rejects(openCatalog(path, options), (failure) => isLocked(failure, /stands in the way.*remove/));
      rmSync(`${path}.owner`, { recursive: true });
    }
  });
});

it('the lock of a new owner is not taken over for that of the one that was found dead before it', async (t) => {
  const link = join(scratch(t), 'x.owner');
  const self = thisProcess(1);
  const [dead, living] = [formatOwner({ ...self, started: '1' }), formatOwner(thisProcess(1))];
  const context = { waitMs: 0, now: () => 0, directory: 0, depth: 0 };
  symlinkSync(living, link);
  assert.equal(await takeOver(link, dead, self, context), 'changed');
  assert.equal(readlinkSync(link), living);
  rmSync(link);
  assert.equal(await takeOver(link, dead, self, context), 'changed');
  symlinkSync(dead, link);
  assert.equal(await takeOver(link, dead, self, context), 'taken over');
  assert.equal(readlinkSync(link), formatOwner(self));
  assert.deepEqual(readdirSync(dirname(link)), ['x.owner']);
});

it('an owner is read as it was written, and nothing else is', () => {
  const owner = { ...thisProcess(12), machine: 'ünïx,=%', socket: 'catalog.db.alive-1' };
  const text = formatOwner(owner);
  assert.deepEqual(parseOwner(text), owner);
  assert.deepEqual(parseOwner(formatOwner({ ...owner, socket: null })), { ...owner, socket: null });
  for (const [key] of Object.entries(owner)) {
    const without = text.split(',').filter((part) => !part.startsWith(`${key}=`));
    assert.equal(parseOwner(without.join(',')), undefined, `without ${key}`);
  }
  for (const bad of [
    '',
    'pid=1',
    text.replace('pid=', 'pid=-'),
    text.replace('turn=', 'turn=x'),
    text.replace('alive', '%2f'),
    `${text}%`,
  ]) {
    assert.equal(parseOwner(bad), undefined, bad);
  }
});
