import { createHash } from 'node:crypto';
import type { ExhaustWorld } from './exhaust-world.js';
import type { ModelBundle } from './model-bundle.js';
import type { ModelHost } from './model-host.js';

// What the hosts of a model are at one moment, to go on from there several times, and to tell whether that was seen before.

type Fields = Readonly<Record<string, unknown>>;

/** Nothing in it is ever changed. */
export type Snapshot = {
  readonly hosts: readonly { readonly host: Fields; readonly store: Fields; readonly text: string }[];
  readonly history: Fields;
  readonly bundles: readonly ModelBundle[];
  readonly letters: readonly number[];
  readonly isFlagged: boolean;
  readonly isDoubled: boolean;
};

/** Fields of the model's objects that are no part of a state: they are the same in all of them. */
const wiring = new Set(['store', 'witness', 'rules', 'onNaming', 'machine', 'givesUids', 'isNarrow']);

/** Fields that are written and that none of the deeds gone through here ever reads. */
const unread = new Set(['tally', 'trash', 'sent', 'givenUp']);

export function snapshotOf({ world, letters, isFlagged, isDoubled }: ExhaustWorld): Snapshot {
  return {
    hosts: world.hosts.map((host) => ({
      host: fieldsOf(host, false),
      store: fieldsOf(host.store, true),
      text: textOf(host),
    })),
    history: fieldsOf(world.history, false),
    bundles: [...world.bundles],
    letters: [...letters],
    isFlagged,
    isDoubled,
  };
}

/** Puts a world back to what it was; `changed` is the only host that anything was done on since then. */
export function resume(exhaust: ExhaustWorld, snapshot: Snapshot, changed: number | null = null): void {
  const { world } = exhaust;
  for (const [n, host] of world.hosts.entries()) {
    if (changed !== null && changed !== n) continue;
    Object.assign(host, fieldsOf(snapshot.hosts[n]?.host ?? {}, false));
    Object.assign(host.store, fieldsOf(snapshot.hosts[n]?.store ?? {}, true));
  }
  Object.assign(world.history, fieldsOf(snapshot.history, false));
  world.bundles.length = 0;
  for (const bundle of snapshot.bundles) world.bundles.push(bundle);
  exhaust.letters = [...snapshot.letters];
  exhaust.isFlagged = snapshot.isFlagged;
  exhaust.isDoubled = snapshot.isDoubled;
}

function fieldsOf(object: object, withRecords: boolean): Fields {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) if (!wiring.has(name)) fields[name] = copyOf(value, withRecords);
  return fields;
}

/** A copy of what can change. Records are never changed by the merge, so that they need not be copied, but for those of a store. */
function copyOf(value: unknown, withRecords: boolean): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [key, each] of value) copy.set(key, copyOf(each, withRecords));
    return copy;
  }
  if (value instanceof Set) return new Set(value);
  if (Array.isArray(value)) return value.map((each) => copyOf(each, withRecords));
  if (!withRecords && isRecord(value)) return value;
  const copy: Record<string, unknown> = Object.create(Object.getPrototypeOf(value));
  for (const [name, each] of Object.entries(value)) copy[name] = copyOf(each, withRecords);
  return copy;
}

/** Else it is an object of a class, which may change. */
function isRecord(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** Of a key. Of ten million states two are taken for one with a chance of one in 400,000. */
const keyBytes = 8;

/**
 * Answers the same for two worlds only if everything that is to come can only be the same in both, the oracle's part included.
 *
 * No symmetry between hosts is used: their ids decide ties, so that a history with two of them exchanged may end otherwise, and is gone
 * through as well. What is not told apart is the order in which deeds on several hosts came, where it left no trace: letters are numbered by
 * host. Nor is the order of entries in sets and in the maps of a catalog, as the rules sort what they number; that of the files in a mailbox is.
 * The one symmetry is between the flag and the keyword: no rule knows either by name where no delivery is interrupted, so that of two
 * histories that differ in nothing but which of them is which, the one where the flag comes first stands for both (`ExhaustWorld.isFlagged`).
 */
export function keyOf(
  { world, letters, isFlagged, isDoubled }: ExhaustWorld,
  { before, changed }: { readonly before: Snapshot; readonly changed: number },
): Buffer {
  const hosts = world.hosts.map((host, n) => (n === changed ? textOf(host) : before.hosts[n]?.text));
  const rest = `${written(world.bundles, false)} ${letters.join()} ${isFlagged} ${isDoubled}`;
  const text = [...hosts, fieldsText(world.history, false), rest].join('\n');
  return createHash('sha1').update(text).digest().subarray(0, keyBytes);
}

function textOf(host: ModelHost): string {
  return `${fieldsText(host, false)}\n${fieldsText(host.store, true)}`;
}

function fieldsText(object: object, isStore: boolean): string {
  return Object.entries(object)
    .filter(([name]) => !wiring.has(name) && !unread.has(name))
    .map(([, value]) => written(value, isStore))
    .join(' ');
}

const knownTexts = new WeakMap<object, string>();

/** Longer texts than this are hashed, in characters: they are written again and again. */
const plainMax = 60;

/** A record that never changes, as text. */
function recorded(record: object): string {
  const known = knownTexts.get(record);
  if (known !== undefined) return known;
  const whole = Object.entries(record)
    .map(([name, each]) => `${name}=${written(each, false)}`)
    .join();
  const text = whole.length <= plainMax ? `(${whole})` : createHash('sha1').update(whole).digest('base64');
  knownTexts.set(record, text);
  return text;
}

function written(value: unknown, isStore: boolean): string {
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? `"${value}"` : String(value);
  if (value instanceof Map) {
    const entries = [...value].map(([key, each]) => `${written(key, isStore)}:${written(each, isStore)}`);
    return `{${(isStore ? entries : entries.sort()).join()}}`;
  }
  if (value instanceof Set)
    return `<${[...value]
      .map((each) => written(each, isStore))
      .sort()
      .join()}>`;
  if (Array.isArray(value)) return `[${value.map((each) => written(each, isStore)).join()}]`;
  if (!isStore && isRecord(value)) return recorded(value);
  return `(${Object.entries(value)
    .map(([name, each]) => `${name}=${written(each, isStore)}`)
    .join()})`;
}
