import type { Readable } from 'node:stream';
import { cardBytesMax, endsCard, splitCards } from '../trust/identity/identity-card.js';
import type { CardFile } from './card-files.js';

/** Cards that are taken from one pipe, inclusive: more than an account has hosts. */
const cardsMax = 64;

/**
 * The cards that come through a pipe: all until its end, or until one is whole and nothing follows at once, as whoever
 * sends it may wait for ours with the pipe open. Of more than `cardsMax` the rest is left.
 */
export async function cardsFrom(stream: Readable): Promise<CardFile[]> {
  let bytes = Buffer.alloc(0);
  for await (const piece of stream) {
    bytes = Buffer.concat([bytes, Buffer.from(piece)]);
    if (endsCard(bytes) || bytes.length > cardsMax * cardBytesMax) break;
  }
  const cards = splitCards(bytes).slice(0, cardsMax);
  return cards.map((card, index) => ({ fileName: cards.length === 1 ? '-' : `- (${index + 1})`, bytes: card }));
}
