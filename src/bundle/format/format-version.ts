import { Failure } from '../../failure.js';
import { toMatch } from './parse-json-value.js';

/** Major and minor version of the format that this code writes. It reads every minor version of the same major one. */
export const formatVersion = '2.0';

const majorVersion = 2;

/** Is it a version of an older format, of which nothing is read? */
export function isOldVersion(value: unknown): boolean {
  const major = typeof value === 'string' ? /^(\d{1,4})\.\d{1,4}$/.exec(value)?.[1] : undefined;
  return major !== undefined && Number(major) < majorVersion;
}

/** The version that a bundle or statement says it is of. Throws `bundle-not-understood` for another major one. */
export function checkVersion(value: unknown): string {
  const version = toMatch(value, '"version"', /^\d{1,4}\.\d{1,4}$/);
  const major = Number(version.split('.')[0]);
  if (isOldVersion(version)) throw tooOld(version);
  if (major > majorVersion)
    throw tooNew(`it is of format version ${version}, and this mrepl reads version ${majorVersion}`);
  return version;
}

/**
 * The failure `bundle-not-understood` for what a later mrepl has written. `what` is the whole sentence of its message.
 */
export function tooNew(what: string): Failure {
  return new Failure('bundle-not-understood', what, { hint: 'Install a newer mrepl on this host.' });
}

/** What 0.1 wrote says nothing that its host would not say again, so that reading it would gain nothing but time. */
function tooOld(version: string): Failure {
  return new Failure(
    'bundle-not-understood',
    `it was written by mrepl 0.1 (format version ${version}); nothing of it is used, and nothing is lost`,
    {
      hint: 'Install the newer mrepl on the host that wrote it, and export there: that bundle says everything that is needed.',
    },
  );
}
