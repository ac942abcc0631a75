import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { privateCustody } from '../../../../src/fs/durable-write.js';
import { takeDotlock } from '../../../../src/store/maildir/dovecot/dotlock.js';

// A process that takes a lock. `hold PATH`: says "held" and keeps it until it is killed. `count PATH FILE TIMES`: adds one to the
// number in FILE so often, each time under the lock, reading and writing with a pause between.
const [task, path = '', file = '', times = '0'] = process.argv.slice(2);
const party = { hostName: hostname(), now: Date.now, custody: privateCustody };

if (task === 'hold') {
  await takeDotlock(path, party);
  process.stdout.write('held\n');
  await sleep(60_000);
} else {
  const { readFileSync, writeFileSync } = await import('node:fs');
  for (let time = 0; time < Number(times); time++) {
    const lock = await takeDotlock(path, party);
    const number = Number(readFileSync(file, 'utf8'));
    await sleep(2);
    writeFileSync(file, String(number + 1));
    lock.release();
  }
}
