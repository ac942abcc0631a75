import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../bench/random.js';
import type { Tally } from '../soak-hosts/tally.js';
import type { Boxes } from './boxes.js';
import { isWithin, type Letters } from './letters.js';
import type { Held, Place } from './place.js';
import { mailboxNames, type Scene } from './scene.js';

/** What the deeds of a history are done with. */
export type Context = {
  readonly scene: Scene;
  readonly random: Random;
  readonly letters: Letters;
  readonly boxes: Boxes;
  readonly tally: Tally;
  /** Mailboxes that somebody is just making, renaming, deleting or putting mail into: one of these at a time. */
  readonly inHand: Set<string>;
};

type Deed = { readonly place: Place /** mrepl is at work there. */; readonly isBusy: boolean };

const deedNames = [
  ...['deliver', 'deliver', 'deliver', 'flag', 'flag', 'flag', 'tag', 'expunge', 'expunge', 'move', 'move', 'copy'],
  ...['create', 'create', 'rename', 'rename', 'rename', 'remove', 'remove'],
] as const;

/** Something that somebody does somewhere. What nobody may do any more with a letter, because of what was done before, is left alone. */
export async function act(context: Context, deed: Deed): Promise<void> {
  const what = context.random.pick(deedNames);
  switch (what) {
    case 'deliver':
      return deliver(context, deed);
    case 'flag':
    case 'tag':
      return flag(context, deed, what === 'tag');
    case 'create':
      return create(context, deed);
    case 'rename':
      return rename(context, deed);
    case 'remove':
      return remove(context, deed);
    default:
      return change(context, deed, what as 'expunge' | 'move' | 'copy');
  }
}

async function deliver(context: Context, { place }: Deed, into?: string): Promise<void> {
  const { random, letters, boxes, scene, tally, inHand } = context;
  const busy = place === scene.provider ? [] : boxes.living('busy').filter((name) => !inHand.has(name));
  const mailbox = into ?? random.pick([...mailboxNames, ...mailboxNames, ...busy]);
  const id = letters.next(place.name);
  letters.isIn(id, mailbox);
  boxes.used(mailbox, place.name);
  await holding(context, [mailbox], async () => {
    tally.count(`deed: deliver by ${await place.deliver(id, mailbox)}`);
  });
}

async function flag(context: Context, { place, isBusy }: Deed, isTag: boolean): Promise<void> {
  const { random, scene, tally } = context;
  const which = await someLetter(context, place, () => true);
  if (which === null) return;
  if (isTag && place.name === 'desk' && !isBusy) {
    const changes = random.chance(0.5) ? ['+flagged'] : ['-unread', '-flagged'];
    await scene.notmuch.look();
    await scene.notmuch.tag(which.id, changes);
    return tally.count('deed: tag');
  }
  const work = (): Promise<void> => place.flag(which, random.pick(['F', 'R', 'S']), random.chance(0.6));
  await (isBusy ? work().catch(() => tally.count('meanwhile: refused, as it had just changed')) : work());
  tally.count('deed: flag');
}

async function change(context: Context, { place, isBusy }: Deed, what: 'expunge' | 'move' | 'copy'): Promise<void> {
  const { random, letters, boxes, scene, tally, inHand } = context;
  const busy = place === scene.provider ? [] : boxes.living('busy', place.name);
  const ownOnly = (mailbox: string): boolean => !inHand.has(mailbox) && [...mailboxNames, ...busy].includes(mailbox);
  const which = await someLetter(
    context,
    place,
    ({ id, mailbox }) => letters.mayBeChanged(id) && letters.where(id).includes(mailbox) && ownOnly(mailbox),
  );
  if (which === null || letters.isTaken(which.id)) return;
  const { id, mailbox } = which;
  const targets = [...mailboxNames, ...busy].filter((name) => !letters.where(id).includes(name) && ownOnly(name));
  if (targets.length === 0) return;
  const to = random.pick(targets);
  letters.take(id);
  const others = letters.where(id).filter((name) => name !== mailbox);
  await holding(context, [mailbox, to], async () => {
    tally.count(`deed: ${what}`);
    const work =
      what === 'expunge' ? place.expunge(which) : what === 'move' ? place.move(which, to) : place.copy(which, to);
    await (isBusy ? work.catch(() => tally.count('meanwhile: refused, as it had just changed')) : work);
    const found = await place.whereIs(id, [mailbox, to]);
    const wanted = { expunge: [], move: [to], copy: [mailbox, to] }[what];
    // To Dovecot a move is a copy and an expunge, and there is nothing to expunge any more under a UID that an import has just replaced.
    const alternatives = isBusy ? [wanted, [mailbox], ...(what === 'move' ? [[mailbox, to]] : [])] : [wanted];
    const now = [...found].sort().join();
    if (!alternatives.some((each) => [...each].sort().join() === now)) {
      throw new Error(`${place.name}: ${id}, to be in (${wanted}) after ${what} from ${mailbox}, is in (${found})`);
    }
    if (now !== [...wanted].sort().join()) tally.count(`meanwhile: ${what} was not done, or by half`);
    letters.changed(id, [...others, ...found]);
  });
}

async function create(context: Context, deed: Deed): Promise<void> {
  const { random, boxes, scene, tally } = context;
  const { place } = deed;
  const isIdle = place === scene.provider || random.chance(0.3);
  const above = random.chance(0.4) ? boxes.living('busy', place.name).at(-1) : undefined;
  if (above !== undefined && context.inHand.has(above)) return;
  const name = boxes.next(place.name, isIdle ? 'idle' : 'busy', above);
  await holding(context, [name, ...(above === undefined ? [] : [above])], async () => {
    await place.create(name);
    tally.count(`deed: create${isIdle ? ', without mail' : ''}`);
  });
  boxes.made(name);
  if (!isIdle) for (let count = random.integer(0, 2); count > 0; count--) await deliver(context, deed, name);
}

/** One of its own, of which all mail is free: with all mailboxes below it. */
async function rename(context: Context, { place }: Deed): Promise<void> {
  const { random, letters, boxes, scene, tally, inHand } = context;
  const own = boxes.living('busy', place.name).filter((name) => !inHand.has(name));
  if (place === scene.provider || own.length === 0) return;
  const from = random.pick(own);
  const to = boxes.next(place.name, 'busy');
  const tree = boxes.living('busy').filter((name) => isWithin(name, from));
  if (tree.some((name) => inHand.has(name)) || letters.within(from).some(letters.isTaken)) return;
  await holding(context, tree, async () => {
    await place.rename(from, to);
    tally.count('deed: rename');
    for (const { id, mailbox } of await heldBy(place)) {
      if (isWithin(mailbox, to)) letters.left(id, `${from}${mailbox.slice(to.length)}`, mailbox);
    }
    for (const name of tree) boxes.renamed(name, `${to}${name.slice(from.length)}`);
  });
}

/** One of its own, of which all mail is free. Mail that is only elsewhere stays, with the mailbox. */
async function remove(context: Context, { place, isBusy }: Deed): Promise<void> {
  const { random, letters, boxes, scene, tally, inHand } = context;
  const kind = place === scene.provider || random.chance(0.5) ? 'idle' : 'busy';
  const own = boxes.living(kind, place.name).filter((name) => !inHand.has(name) && boxes.mayBeRemoved(name));
  if (own.length === 0) return;
  const name = random.pick(own);
  const inIt = letters.within(name).filter((id) => letters.where(id).includes(name));
  if (inIt.some(letters.isTaken)) return;
  await holding(context, [name], async () => {
    const here = (await heldBy(place)).filter(({ mailbox }) => mailbox === name).map(({ id }) => id);
    if (isBusy && inIt.some((id) => !here.includes(id))) return; // it may come just now
    await place.remove(name);
    tally.count(`deed: remove${kind === 'idle' ? ', without mail' : ''}`);
    for (const id of here) letters.left(id, name, null);
    boxes.gone(name);
  });
}

async function holding(context: Context, names: readonly string[], work: () => Promise<void>): Promise<void> {
  for (const name of names) context.inHand.add(name);
  try {
    await work();
  } finally {
    for (const name of names) context.inHand.delete(name);
  }
}

async function someLetter({ random }: Context, place: Place, isFit: (held: Held) => boolean): Promise<Held | null> {
  const fit = (await heldBy(place)).filter(isFit);
  return fit.length === 0 ? null : random.pick(fit);
}

/** Looks at all mailboxes until none of them goes meanwhile. */
const looksMax = 5;
const lookAgainMs = 100;

async function heldBy(place: Place): Promise<readonly Held[]> {
  for (let looks = 1; ; looks++) {
    try {
      return (await place.look()).held;
    } catch (error) {
      if (looks === looksMax) throw error;
    }
    await sleep(lookAgainMs);
  }
}
