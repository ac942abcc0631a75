/** One system call that changes what is on disk, as the fault layer saw it. Paths are absolute. */
export type DiskStep =
  | { readonly kind: 'create'; readonly path: string; readonly mode: number }
  | { readonly kind: 'empty'; readonly path: string }
  | {
      readonly kind: 'write';
      readonly path: string;
      readonly file: OpenFile;
      readonly at: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'cut'; readonly path: string; readonly file: OpenFile; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string; readonly file: OpenFile }
  | { readonly kind: 'sync-all'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly from: string }
  | { readonly kind: 'link'; readonly path: string; readonly from: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'mkdir'; readonly path: string; readonly mode: number }
  | { readonly kind: 'rmdir'; readonly path: string }
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number }
  | { readonly kind: 'owner'; readonly path: string }
  | { readonly kind: 'times'; readonly path: string; readonly mtimeS: number };

/** What a descriptor stands for: the file that lay at `path` when this was opened, whatever it is called since. `opened` counts openings. */
export type OpenFile = { readonly opened: number; readonly path: string };

/** A step for a person, with paths seen from `root`. */
export function describeStep(step: DiskStep, root: string): string {
  const near = (path: string): string => (path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path);
  switch (step.kind) {
    case 'rename':
    case 'link':
      return `${step.kind} ${near(step.from)} -> ${near(step.path)}`;
    case 'write':
      return `write ${near(step.path)} ${step.bytes.length} bytes at ${step.at}`;
    default:
      return `${step.kind} ${near(step.path)}`;
  }
}
