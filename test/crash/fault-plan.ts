import type { DiskStep } from './disk-step.js';

/** What goes wrong. Calls are counted from 1. */
export type Plan =
  | { readonly kind: 'watch' }
  /** The program dies at its n-th change: from there on nothing changes any more, whatever it tries. `torn`: half of a write is done. */
  | { readonly kind: 'stop'; readonly at: number; readonly when: StopWhen }
  /** The same, and the process is really killed. */
  | { readonly kind: 'kill'; readonly at: number; readonly when: StopWhen }
  /** The n-th call below `within` fails, and where it is said all that follow there. */
  | {
      readonly kind: 'fail';
      readonly at: number;
      readonly errno: 'ENOSPC' | 'EIO' | 'EROFS' | 'ENOENT' | 'ENODEV';
      readonly within: string;
      /** Calls that only look fail too, and count. */
      readonly looks: boolean;
      readonly lasting: boolean;
      /** A write is done by half first, as on a disk that has just become full. */
      readonly short: boolean;
    }
  /** There is room for so many bytes more below `within`: of a write that is larger so much is done as fits, as on a real disk. */
  | { readonly kind: 'full'; readonly bytes: number; readonly within: string }
  /** Before the n-th call below `within`, something is done to the disk. */
  | { readonly kind: 'meddle'; readonly at: number; readonly within: string; readonly act: () => void };

export type StopWhen = 'before' | 'after' | 'torn';

/** Thrown by every change after a stop. Has no errno: nothing in the program expects it. */
export class Stopped extends Error {}

/** What happened while the layer stood there. */
export type Watched = {
  /** All changes that were made, in their order. */
  readonly steps: readonly DiskStep[];
  /** Calls that count for the plan: changes, or with `looks` all. */
  readonly calls: number;
  /** Did it come to what was planned? */
  readonly happened: boolean;
};
