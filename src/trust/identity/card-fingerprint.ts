import { createHash } from 'node:crypto';
import { sshString } from '../ssh/ssh-wire-string.js';
import type { Card } from './identity-card.js';

declare const checked: unique symbol;

/**
 * What two people read to each other: `7g3k-...`, six groups of four. There is one spelling, so two are compared as
 * text.
 */
export type Fingerprint = string & { readonly [checked]: 'Fingerprint' };

/**
 * Crockford's base 32: of characters that look alike (0 and o; 1, i and l) it has one, and the others are taken for it
 * when they are typed. Without any of them 31 would be left, and a character would be no whole number of bits. It has
 * no u, so that it makes few words.
 */
const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';
const bitsPerCharacter = 5;

/** 24 characters are 120 bits: to make keys that have the fingerprint of another host's takes 2^120 attempts. */
const characters = 24;
const groupCharacters = 4;

const domain = 'mrepl-fingerprint-1';

/**
 * The fingerprint of a host in an account: the first 120 bits of SHA-256 over account, host id, and both public keys,
 * each with its length before it.
 *
 * The host's name is not in it. It is a label that the owner of the keys may change, and that change should not make
 * people compare anew. Nobody else can change it: the card is signed, so one with these keys and another name was
 * written by that host itself. A stranger's card with a familiar name has other keys and so another fingerprint. What
 * remains, a paired host that takes the name of another one, is for the list of peers to prevent: no two of one name,
 * and none renamed by a card.
 */
export function fingerprintOf(card: Omit<Card, 'hostName'>): Fingerprint {
  const hash = createHash('sha256');
  for (const part of [domain, card.account, card.hostId, card.signingKey, card.ageRecipient]) {
    hash.update(sshString(part));
  }
  const number = BigInt(`0x${hash.digest('hex')}`) >> BigInt(256 - characters * bitsPerCharacter);
  let text = '';
  for (let place = characters - 1; place >= 0; place--) {
    text += alphabet[Number(BigInt.asUintN(bitsPerCharacter, number >> BigInt(place * bitsPerCharacter)))];
  }
  return grouped(text);
}

/** The fingerprint that somebody typed: in any case, with or without spaces and dashes. Null for what cannot be one. */
export function parseFingerprint(text: string): Fingerprint | null {
  const typed = text
    .replace(/[\s\p{Dash_Punctuation}]/gu, '')
    .toLowerCase()
    .replaceAll('o', '0')
    .replace(/[il]/g, '1');
  if (typed.length !== characters || [...typed].some((character) => !alphabet.includes(character))) return null;
  return grouped(typed);
}

function grouped(text: string): Fingerprint {
  return (text.match(new RegExp(`.{${groupCharacters}}`, 'g')) ?? []).join('-') as Fingerprint;
}
