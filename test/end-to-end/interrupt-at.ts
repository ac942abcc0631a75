import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

// Loaded into a real run before it begins (`node --import`): the process gets SIGINT, as from a terminal, when it lists the directory that
// INTERRUPT_AT names. Nothing else is changed.

const { readdirSync } = fs;
const place = process.env.INTERRUPT_AT;
let isSent = false;

fs.readdirSync = ((path: fs.PathLike, ...rest: never[]) => {
  if (String(path) === place && !isSent) {
    isSent = true;
    process.kill(process.pid, 'SIGINT');
  }
  return readdirSync(path, ...rest);
}) as typeof readdirSync;

syncBuiltinESMExports();
