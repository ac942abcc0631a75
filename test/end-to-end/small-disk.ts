import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';

// File systems of their own, small enough to be filled, in a namespace that ends with the test.

export type SmallDisk = {
  /** Runs a command there. */
  readonly command: (argv: readonly string[]) => readonly string[];
  /** The same, to its end; answers what it printed. */
  readonly run: (...argv: readonly string[]) => string;
  /** What `path` is there, for this process. */
  readonly seen: (path: string) => string;
};

/** ext4 is a real one, in a file; for that one has to be root. */
export type DiskKind = 'tmpfs' | 'ext4';

const asAnybody = ['unshare', '--user', '--map-root-user', '--mount', '--'] as const;
const asRoot = ['unshare', '--mount', '--'] as const;

/** The kinds that there can be here. Throws where there is none, as what is tested with them cannot be tested in another way. */
export function diskKinds(): readonly DiskKind[] {
  if (process.getuid?.() === 0) return ['tmpfs', 'ext4'];
  const mayMount =
    spawnSync('unshare', [...asAnybody.slice(1), 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;
  if (!mayMount) throw new Error('nothing can be mounted here: be root, or allow user namespaces');
  return ['tmpfs'];
}

/** Mounts an empty file system of 4 MiB over `directory`, for those who run in its namespace, until the test ends. */
export async function mountSmallDisk(
  t: { after(clean: () => void): void },
  directory: string,
  kind: DiskKind = 'tmpfs',
): Promise<SmallDisk> {
  const isRoot = process.getuid?.() === 0;
  diskKinds();
  const image = `${directory}.image`;
  const mount =
    kind === 'tmpfs'
      ? `mount -t tmpfs -o size=4m tmpfs ${directory}`
      : `truncate -s 4M ${image} && mkfs.ext4 -q -F ${image} && mount -o loop ${image} ${directory}`;
  const [program = '', ...args] = [
    ...(isRoot ? asRoot : asAnybody),
    'sh',
    '-c',
    `${mount} && echo ready && exec sleep 600`,
  ];
  const keeper = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => keeper.kill());
  await Promise.race([once(keeper.stdout, 'data'), failsToEnd(keeper)]);
  const user = isRoot ? [] : ['--user', '--preserve-credentials'];
  const inside = ['nsenter', '--target', String(keeper.pid), '--mount', ...user, '--'];
  const command = (argv: readonly string[]): readonly string[] => [...inside, ...argv];
  return {
    command,
    run(...argv) {
      const [program = '', ...args] = command(argv);
      return execFileSync(program, args, { encoding: 'utf8' });
    },
    seen: (path) => `/proc/${keeper.pid}/root${path}`,
  };
}

async function failsToEnd(keeper: ReturnType<typeof spawn>): Promise<never> {
  await once(keeper, 'exit');
  throw new Error('a small file system could not be mounted');
}
