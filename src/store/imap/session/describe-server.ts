import { bytes } from '../../../mail/size-for-people.js';
import type { Session } from './session.js';

/**
 * What the server is, what it can of that which mrepl makes use of, and what it may hide: sentences without a full
 * stop, for the user of the account.
 */
export function describeServer({ capabilities, saidToBe }: Pick<Session, 'capabilities' | 'saidToBe'>): string[] {
  const can = (name: string): boolean => capabilities.has(name);
  const limit = [...capabilities].flatMap((each) => /^APPENDLIMIT=(\d{1,15})$/.exec(each)?.[1] ?? []).map(Number)[0];
  return [
    ...(saidToBe() === null ? [] : [`the server says that it is ${saidToBe()}`]),
    can('CONDSTORE')
      ? 'mailboxes in which nothing changed are not opened (CONDSTORE)'
      : 'each run looks through all mailboxes: the server does not say what changed (no CONDSTORE)',
    can('MULTIAPPEND')
      ? 'messages are uploaded many at a time (MULTIAPPEND)'
      : 'messages are uploaded one by one (no MULTIAPPEND)',
    ...(can('UIDPLUS')
      ? []
      : [
          'mail that other hosts expunge is only marked as deleted: the server expunges no single messages (no UIDPLUS)',
        ]),
    ...(limit === undefined ? [] : [`messages of more than ${bytes(limit)} are refused (APPENDLIMIT)`]),
    ...(can('X-GM-EXT-1')
      ? ['labels are mailboxes, and the settings of the account may hide old mail or keep what is expunged (Gmail)']
      : []),
    ...(can('UIDONLY') || [...capabilities].some((each) => each.startsWith('MESSAGELIMIT='))
      ? ['large mailboxes may be shown in part (UIDONLY, MESSAGELIMIT)']
      : []),
  ];
}
