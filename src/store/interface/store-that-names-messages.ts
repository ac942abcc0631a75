import { provisionalRef } from '../../mail/delivery-ref-until-store-names-it.js';
import type { MailStore } from './mail-store.js';

/**
 * What every store answers alike that gives its messages UIDs and refs itself, and whose texts nobody changes in their
 * place: there is nothing to hold back, to replace or to set apart.
 */
export const storeThatNamesMessages = {
  capabilities: {
    uids: 'given',
    refs: 'given',
    holdsOthersOff: false,
    rewritesInPlace: false,
    keywordRoom: null,
    directories: [],
  },
  chooseRef: (_hint, taken, { guid }) => provisionalRef(guid, taken),
  stemOf: (ref) => ref,
  hold: async () => () => undefined,
  replaceText: async () => 'no-text',
  nameApart: async () => null,
  setApart: async () => false,
  inspect: async () => [],
  server: async () => ({ server: null, problem: null }),
} as const satisfies Partial<MailStore>;
