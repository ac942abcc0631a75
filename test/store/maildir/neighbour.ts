import { appendFileSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { privateCustody } from '../../../src/fs/durable-write.js';
import { takeDotlock } from '../../../src/store/maildir/dovecot/dotlock.js';
import { parseUidList, uidNextOf } from '../../../src/store/maildir/dovecot/uidlist-format.js';

// A process that behaves like a mail server beside us: `neighbour DIRECTORY TIMES`. So often it delivers a message under the
// lock, appending its record without raising N, and sets a flag of every message it delivered. Prints what it gave out.
const [directory = '', times = '0'] = process.argv.slice(2);
const list = join(directory, 'dovecot-uidlist');
const party = { hostName: hostname(), now: Date.now, custody: privateCustody };

for (let time = 0; time < Number(times); time++) {
  const lock = await takeDotlock(`${list}.lock`, party);
  const parsed = parseUidList(readFileSync(list, 'utf8'));
  if (parsed === undefined || parsed.cutOff) throw new Error('the list is broken');
  const name = `${1_600_000_000 + time}.neighbour`;
  writeFileSync(join(directory, 'tmp', name), `Subject: neighbour ${time}\n\n`);
  renameSync(join(directory, 'tmp', name), join(directory, 'new', name));
  const uid = uidNextOf(parsed);
  appendFileSync(list, `${uid} :${name}\n`);
  for (const where of ['new', 'cur']) {
    for (const file of readdirSync(join(directory, where)).filter((one) => one.includes('neighbour'))) {
      const [base, letters = ''] = file.split(':2,');
      const target = join(directory, 'cur', `${base}:2,${letters === 'S' ? 'FS' : 'S'}`);
      renameSync(join(directory, where, file), target);
    }
  }
  lock.release();
  process.stdout.write(`${uid} ${name}\n`);
  await sleep(Math.random() * 10);
}
