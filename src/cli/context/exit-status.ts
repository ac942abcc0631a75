import type { FailureCode } from '../../failure.js';

/** Exit statuses that no failure code stands for. The man page lists them all. */
export const exitStatus = {
  done: 0,
  /** Only with --exit-code: there is something to do. */
  somethingToDo: 2,
  /** Done except for what is named. */
  partly: 3,
} as const;

/** The exit status a failure leads to: numbers of sysexits.h where it has one. */
export function statusOfFailure(code: FailureCode, signal: NodeJS.Signals | null = null): number {
  switch (code) {
    case 'internal':
      return 1;
    case 'usage':
      return 64;
    case 'bundle-damaged':
    case 'bundle-not-understood':
      return 65;
    case 'store-absent':
    case 'medium-absent':
      return 66;
    case 'cannot-create':
      return 73;
    case 'store-damaged':
    case 'not-taken':
    case 'medium-lost':
    case 'medium-full':
    case 'io':
      return 74;
    case 'locked':
      return 75;
    case 'bundle-not-for-us':
    case 'untrusted':
    case 'unpaired':
    case 'revoked':
    case 'identity':
    case 'guard':
      return 77;
    case 'config':
      return 78;
    case 'interrupted':
      return signal === 'SIGTERM' ? 143 : 130;
    default:
      return code satisfies never;
  }
}
