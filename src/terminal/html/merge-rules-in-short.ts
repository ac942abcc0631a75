import type { PageData } from './page-data.js';

/** The rules of mrepl-sync(7) that settle conflicts, in short, for pages that cannot look them up. */
export const mergeRules: PageData['rules'] = [
  {
    id: 'rule-flag',
    name: 'One flag, changed on two hosts',
    text:
      'For each flag the later change holds: the one with the higher modseq, which counts every change that its host had seen; ' +
      'of two with the same modseq that of the higher host id. All hosts decide the same.',
  },
  {
    id: 'rule-expunge',
    name: 'Expunged on one host, changed on the other',
    text:
      'A message that one host has expunged goes, whatever flags another one has changed meanwhile. ' +
      'What an import expunges waits in the trash, from where mrepl restore brings it back.',
  },
  {
    id: 'rule-mailbox',
    name: 'Deleted on one host, mail in it on the other',
    text: 'A mailbox stays, or comes back, as long as a message is in it that was not known where it was deleted.',
  },
];
