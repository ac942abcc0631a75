import type { Guid } from '../../mail/text/text-guid.js';
import { sameOf } from '../../mail/text/text-guid-and-second-digest.js';
import { type UidUse, uidUseAt, uidUses } from '../../replica/find-uid-conflicts.js';
import type { Instance } from '../../replica/mailbox-state.js';
import { compareBirths } from '../../replica/message-birth.js';
import type { Agreement, Ledger } from '../../replica/uid-ledger.js';
import type { Rules } from '../rules-tests-can-switch-off.js';

export type Pair = { readonly mine: Instance; readonly theirs: Instance };

/**
 * Which of two messages of the same mail stays where they become one (merge rule 4): negative where it is `a`. One that
 * was born anew stays before one that was not, and of two such the later; else the smaller birth.
 *
 * So nobody ever gives a message up for one that comes after it in this order, which all hosts have alike. Were births
 * alone to decide, a host that had given up x for y and bore y anew could give that up for z, while others give up z
 * for x: then all three would be gone everywhere.
 */
export function compareForKeeping(a: Instance, b: Instance, { keepAnew }: Pick<Rules, 'keepAnew'>): number {
  const later = keepAnew ? (b.anew ?? 0) - (a.anew ?? 0) : 0;
  return later || compareBirths(a.birth, b.birth);
}

/**
 * Pairs instances of the same text, and then of the rest those of the same mail, in which programs that fetched it
 * stamped different lines (merge rule 4): those with the same UID first, the rest in the order in which they stay, n-th
 * with n-th, so that wanted duplicates survive. Both sides of an exchange find the same pairs.
 */
export function pairByText(
  mine: readonly Instance[],
  theirs: readonly Instance[],
  rules: Pick<Rules, 'unifyStamped' | 'keepAnew'>,
): Pair[] {
  const pairs = pairBy(mine, theirs, ({ guid }) => guid, rules);
  const isStamped = ({ same }: Instance): boolean => same !== undefined;
  if (!rules.unifyStamped || !(mine.some(isStamped) || theirs.some(isStamped))) return pairs;
  const paired = new Set(pairs.flatMap((pair) => [pair.mine, pair.theirs]));
  const isLeft = (instance: Instance): boolean => !paired.has(instance);
  return pairs.concat(pairBy(mine.filter(isLeft), theirs.filter(isLeft), sameOf, rules));
}

function pairBy(
  mine: readonly Instance[],
  theirs: readonly Instance[],
  keyOf: (instance: Instance) => Guid,
  rules: Pick<Rules, 'keepAnew'>,
): Pair[] {
  if (mine.length === 0 || theirs.length === 0) return [];
  const groups = new Map<Guid, { mine: Instance[]; theirs: Instance[] }>();
  for (const instance of theirs) {
    const group = groups.get(keyOf(instance));
    if (group === undefined) groups.set(keyOf(instance), { mine: [], theirs: [instance] });
    else group.theirs.push(instance);
  }
  for (const instance of mine) groups.get(keyOf(instance))?.mine.push(instance);
  return [...groups.values()].flatMap((group) => pairGroup(group, rules));
}

function pairGroup(
  group: { readonly mine: Instance[]; readonly theirs: Instance[] },
  rules: Pick<Rules, 'keepAnew'>,
): Pair[] {
  const pairs: Pair[] = [];
  const inOrder = (list: readonly Instance[]): Instance[] => [...list].sort((a, b) => compareForKeeping(a, b, rules));
  // By UID, the one that stays first last: looking each one up keeps thousands of copies of one text from taking hours.
  const byUid = new Map<string, Instance[]>();
  for (const other of inOrder(group.theirs).reverse()) {
    const list = byUid.get(uidKey(other));
    if (list === undefined) byUid.set(uidKey(other), [other]);
    else list.push(other);
  }
  const taken = new Set<Instance>();
  const rest = inOrder(group.mine).filter((one) => {
    const twin = byUid.get(uidKey(one))?.pop();
    if (twin === undefined) return true;
    pairs.push({ mine: one, theirs: twin });
    taken.add(twin);
    return false;
  });
  const theirs = inOrder(group.theirs).filter((other) => !taken.has(other));
  rest.slice(0, theirs.length).forEach((one, n) => {
    pairs.push({ mine: one, theirs: theirs[n] as Instance });
  });
  return pairs;
}

function uidKey({ uid }: Instance): string {
  return `${uid.uidValidity} ${uid.uid}`;
}

/** Have both the same UID in the same UIDVALIDITY? */
export function sameUid(a: Instance, b: Instance): boolean {
  return a.uid.uidValidity === b.uid.uidValidity && a.uid.uid === b.uid.uid;
}

/** Finds the agreements that pairs with the same UID stand for: the label that gave it out here, and the one there. */
export function agreementsOf(pairs: readonly Pair[], mine: Ledger, theirs: Ledger): Agreement[] {
  const agreements: Agreement[] = [];
  const views = new Map<number, { mine: readonly UidUse[]; theirs: readonly UidUse[] }>();
  for (const pair of pairs) {
    if (!sameUid(pair.mine, pair.theirs)) continue;
    const { uidValidity, uid } = pair.mine.uid;
    let view = views.get(uidValidity);
    if (view === undefined) {
      view = { mine: uidUses(mine, uidValidity), theirs: uidUses(theirs, uidValidity) };
      views.set(uidValidity, view);
    }
    const here = uidUseAt(view.mine, uid);
    const there = uidUseAt(view.theirs, uid);
    // Where one side is in doubt itself, nobody can say which of its labels gave the UID to this text.
    if (here?.agreed !== true || there?.agreed !== true) continue;
    if (here.labels.some((label) => there.labels.includes(label))) continue;
    const [a, b] = [here.labels[0] as string, there.labels[0] as string].sort() as [string, string];
    agreements.push({ uidValidity, lo: uid, hi: uid, a, b });
  }
  return agreements;
}
