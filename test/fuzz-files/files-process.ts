import { spawnSync } from 'node:child_process';
import { chownSync, constants, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { directoryOfProcess, serveCases } from '../fuzz/serve-cases.js';
import { installHook } from './disk-hook.js';
import { type FilesWorld, runFilesCase } from './files-case.js';
import { makeOutside, playedUid } from './outside.js';
import { makeFilesScene } from './scene.js';

const directory = directoryOfProcess('mrepl-files-');

serveCases(makeWorld(), (world, { seed, only }, index) => runFilesCase({ seed, index, only }, world));

async function makeWorld(): Promise<FilesWorld> {
  const [fifo, heldFifo, socket, device] = ['fifo', 'held-fifo', 'socket', 'device'].map((name) =>
    join(directory, name),
  ) as [string, string, string, string];
  const hasDevice = spawnSync('mknod', ['-m', '666', device, 'c', '1', '5']).status === 0; // as /dev/zero
  const outside = makeOutside(directory);
  // What may only be read by others is to be met, too, and files of another user: so no run is root's.
  if (playedUid !== null) {
    if (hasDevice) chownSync(device, playedUid, playedUid);
    chownSync(directory, playedUid, playedUid);
    process.setgroups?.([]);
    process.setgid?.(playedUid);
    process.setuid?.(playedUid);
  }
  for (const path of [fifo, heldFifo]) spawnSync('mkfifo', [path]);
  openSync(heldFifo, constants.O_RDWR | constants.O_NONBLOCK);
  await new Promise<void>((resolve) => createServer().listen(socket, resolve).unref());
  installHook();
  const scene = await makeFilesScene(directory);
  return { scene, outside, specimens: { fifo, heldFifo, socket, device: hasDevice ? device : null } };
}
