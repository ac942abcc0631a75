import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountPointsIn, unlikelyPlace } from '../../src/medium/places-unlike-a-medium.js';
import { scratch } from '../end-to-end/site.js';

test('the root, the home directory by any name, and what sticks are mounted below are no likely media', (t) => {
  const directory = scratch(t);
  const home = join(directory, 'alice');
  mkdirSync(join(home, 'stick'), { recursive: true });
  symlinkSync(home, join(directory, 'link'));
  const user = { home: `${home}/`, userName: 'alice' };
  const place = (path: string, mounted: readonly string[] = ['/']): string | null => unlikelyPlace(path, user, mounted);
  assert.equal(place('/'), 'root');
  assert.equal(place('//tmp/..'), 'root');
  for (const path of [home, `${home}/`, `${home}/stick/..`, join(directory, 'link')]) assert.equal(place(path), 'home');
  assert.equal(place(join(home, 'stick')), null);
  assert.equal(place(join(home, 'stick'), [join(home, 'stick')]), null);
  assert.equal(place(join(home, 'stick'), [join(home, 'stick', 'usb')]), 'mounts');
  assert.equal(place(directory, [`${directory}-not`]), null);
  for (const path of ['/media', '/mnt', '/media/alice', '/run/media/alice']) {
    assert.equal(place(path), 'mounts', path);
    assert.equal(place(path, [path]), null, path);
    assert.equal(place(path, [path, `${path}/usb`]), 'mounts', path);
  }
  for (const path of ['/media/usb', '/media/alice/usb', '/mnt/usb']) assert.equal(place(path), null, path);
});

test('mount points are read as proc(5) writes them', () => {
  const table = '22 1 8:1 / / rw - ext4 /dev/sda1 rw\n40 22 8:17 / /media/my\\040stick rw - vfat /dev/sdb1 rw\n';
  assert.deepEqual(mountPointsIn(table), ['/', '/media/my stick']);
  assert.deepEqual(mountPointsIn(''), []);
});
