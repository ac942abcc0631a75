import type { UnlikelyMedium } from '../../../flow/medium/ask-before-new-medium.js';
import { quoted } from '../../format/format-amounts.js';
import { type Line, line } from '../../format/styled-line.js';

const what: Readonly<Record<UnlikelyMedium['why'], string>> = {
  root: 'is the root directory',
  home: 'is your home directory',
  mounts: 'is where sticks are mounted, and none itself',
  store: 'lies within a mail store',
};

/** Asked before a directory becomes a medium that is hardly meant to. */
export function newMediumQuestion({ directory, why }: UnlikelyMedium): Line[] {
  return [
    line(`${quoted(directory)} ${what[why]}. Bundles would be left in a folder "mrepl" there.`),
    line('Is it to be used all the same?'),
  ];
}

/** Said once of each directory that is carried. */
export function newMediumLines(
  { target, newMedium }: { readonly target: string; readonly newMedium: boolean },
  { dryRun }: { readonly dryRun: boolean },
): Line[] {
  if (!newMedium) return [];
  const folder = quoted(`${target.replace(/(?<=.)\/+$/, '')}/mrepl`);
  return [
    line(
      dryRun
        ? `${quoted(target)} would become a medium: bundles would lie in ${folder}.`
        : `${quoted(target)} is a medium from now on: what is carried lies in ${folder}.`,
    ),
  ];
}
