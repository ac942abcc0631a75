import type { Random } from '../bench/random.js';
import { type Json, signedText } from '../bundle/forge.js';
import { numbers, placesIn, put, strings } from './mutate-json.js';
import type { BundleParts } from './parts.js';

// Changes after which the JSON is still as the format wants it: what is wrong then is what it says.

/** Hosts that a liar may speak of: those of the scene, and some that do not exist. */
export const knownIds = ['a', 'b', 'c', 'd', 'e', 'f'].map((digit) => digit.repeat(32));

type Change = (parts: BundleParts, random: Random) => void;

const mailboxRecords = (parts: BundleParts, random: Random): Json[] =>
  random.pick(parts.files.length > 0 ? parts.files : [[{}]]);
const mbox = (parts: BundleParts, random: Random): Json => mailboxRecords(parts, random)[0] ?? {};
const hostIndex = (parts: BundleParts, random: Random): number =>
  random.integer(0, Math.max(0, (parts.manifest.hosts as unknown[]).length - 1));
const rangesText = (random: Random): string => {
  const list: string[] = [];
  let at = 0;
  for (let count = random.integer(0, 4); count > 0; count--) {
    const lo = at + 2 + random.integer(0, 3);
    const hi = lo + random.pick([0, 0, 1, 5, 2 ** 20, 2 ** 32]);
    list.push(lo === hi ? `${lo}` : `${lo}:${hi}`);
    at = hi;
  }
  return random.chance(0.5) ? list.join(',') : `1${list.length > 0 ? `,${list.join(',').replace(/^2\b/, '3')}` : ''}`;
};
const counter = (random: Random): number => (random.chance(0.6) ? random.integer(0, 12) : random.pick(numbers));
const listOf = (holder: Json, key: string): unknown[] => {
  if (!Array.isArray(holder[key])) holder[key] = [];
  return holder[key] as unknown[];
};
const saves = (records: readonly Json[]): Json[] => records.filter((record) => 'SAVE' in record);
const register = (parts: BundleParts, random: Random): unknown[] => [
  random.integer(0, 1),
  counter(random),
  hostIndex(parts, random),
];

const changes: readonly Change[] = [
  // A number anywhere in the records, or a string of ranges, becomes another.
  (parts, random) => {
    const places = placesIn(mailboxRecords(parts, random)).filter(({ value }) => typeof value === 'number');
    if (places.length > 0) put(random.pick(places), counter(random));
  },
  (parts, random) => {
    const places = placesIn(mailboxRecords(parts, random)).filter(({ value }) => typeof value === 'number');
    const place = places.length > 0 ? random.pick(places) : null;
    if (place !== null) put(place, Math.max(0, (place.value as number) + random.pick([-1, 1, 2])));
  },
  (parts, random) => {
    const places = placesIn(mbox(parts, random)).filter(
      ({ value }) => typeof value === 'string' && /^[\d:,]+$/.test(value),
    );
    if (places.length > 0) put(random.pick(places), rangesText(random));
  },
  // Clocks.
  (parts, random) => {
    const clock = listOf(mbox(parts, random), random.pick(['clock', 'clock', 'base']));
    const host = hostIndex(parts, random);
    const others = clock.filter((item) => (item as unknown[])[0] !== host);
    clock.splice(0, clock.length, ...others, [host, counter(random), counter(random)]);
  },
  (parts, random) => void listOf(mbox(parts, random), random.pick(['clock', 'base'])).pop(),
  (parts, random) => {
    // Everything the clock says is true a little later.
    const record = mbox(parts, random);
    const by = random.pick([1, 2, 100, 2 ** 40 - 20, 2 ** 40]);
    record.m = (record.m as number) + by;
    for (const item of listOf(record, 'clock') as number[][]) if (random.chance(0.5)) item[2] = (item[2] ?? 0) + by;
  },
  // What lives.
  (parts, random) => {
    const living = listOf(mbox(parts, random), 'living');
    const host = hostIndex(parts, random);
    const others = living.filter((item) => (item as unknown[])[0] !== host);
    living.splice(0, living.length, ...others, [host, rangesText(random)]);
  },
  (parts, random) => void listOf(mbox(parts, random), 'living').splice(0, 1),
  // The UID ledger, UIDNEXT and UIDVALIDITY.
  (parts, random) => {
    const record = mbox(parts, random);
    const label = random.chance(0.7) ? hostIndex(parts, random) : random.integer(0, 99).toString(16).padStart(32, '0');
    const validity = random.chance(0.6) ? ((record.v as number[] | null)?.[1] ?? 7) : random.pick(numbers);
    listOf(record, 'claims').push([
      validity,
      label,
      random.pick(['1', '1:3', '2:9', '1:4278190079', rangesText(random)]),
    ]);
  },
  (parts, random) => {
    const record = mbox(parts, random);
    const validity = (record.v as number[] | null)?.[1] ?? 7;
    const [a, b] = [random.pick(knownIds), random.pick(knownIds)].sort();
    listOf(record, 'agreed').push([validity, a, b, rangesText(random)]);
  },
  (parts, random) => (mbox(parts, random).n = random.chance(0.5) ? random.integer(1, 20) : random.pick(numbers)),
  (parts, random) =>
    (mbox(parts, random).v = random.pick([
      null,
      [counter(random), random.pick(numbers)],
      [0, 1_700_000_000],
      [1, 1_700_000_000],
    ])),
  (parts, random) =>
    (mbox(parts, random)[random.pick(['x', 's'])] = random.chance(0.2) ? null : register(parts, random)),
  (parts, random) => (mbox(parts, random).MBOX = random.pick([...strings, 'INBOX', 'Sent', 'Archive', 'archive'])),
  // Messages.
  (parts, random) => {
    const records = mailboxRecords(parts, random);
    const list = saves(records);
    if (list.length === 0) return;
    const copy = structuredClone(random.pick(list));
    copy.SAVE = [hostIndex(parts, random), random.integer(1, 12)];
    records.push(copy);
  },
  (parts, random) => {
    const records = mailboxRecords(parts, random);
    if (records.length > 1) records.splice(random.integer(1, records.length - 1), 1);
  },
  (parts, random) => {
    const list = saves(mailboxRecords(parts, random));
    const others = saves(parts.files.flat());
    if (list.length === 0) return;
    const save = random.pick(list);
    const key = random.pick(['g', 'u', 'f', 'z', 'h', 'd', 'm', 'from']);
    if (key === 'h') save.h = random.pick(strings);
    else if (key === 'z') save.z = counter(random);
    else if (key === 'u')
      save.u = [
        random.pick([1_700_000_000, 7]),
        random.integer(1, 20),
        random.chance(0.5) ? random.integer(0, 30) : random.pick(numbers),
        counter(random),
        hostIndex(parts, random),
      ];
    else if (key === 'f')
      save.f = [...new Set(['\\Seen', '$Junk', random.pick(strings)])].map((flag) => [
        flag,
        ...register(parts, random),
      ]);
    else if (key === 'from')
      save.from = [random.pick(['INBOX', 'Sent', 'Archive']), [hostIndex(parts, random), random.integer(1, 5)], []];
    else save[key] = random.pick(others)[key];
  },
  (parts, random) => {
    const birth = [hostIndex(parts, random), random.integer(1, 6)];
    const flags = [[random.pick(['\\Seen', '\\Deleted', '$Junk']), ...register(parts, random)]];
    mailboxRecords(parts, random).push({ STORE: birth, f: flags });
  },
  (parts, random) => {
    const uid = [
      random.pick([1_700_000_000, 7]),
      random.integer(1, 20),
      random.integer(0, 9),
      counter(random),
      hostIndex(parts, random),
    ];
    mailboxRecords(parts, random).push({ UIDFIX: [hostIndex(parts, random), random.integer(1, 6)], u: uid });
  },
  // Statements.
  (parts, random) => listOf(parts.manifest, 'heard').push([hostIndex(parts, random), rangesText(random)]),
  (parts, random) => (parts.manifest.unheard = [hostIndex(parts, random)]),
  (parts, random) => (parts.manifest.to = random.pick([[], [hostIndex(parts, random)], [0, 1]])),
  (parts, random) => (parts.manifest.number = random.pick([1, 2, 50, 2 ** 53 - 1])),
  (parts, random) => {
    const guids = saves(parts.files.flat()).map(({ g }) => g);
    parts.manifest[random.pick(['fetch', 'answers'])] = [
      ...new Set([...guids, random.integer(0, 9).toString().repeat(64)]),
    ];
  },
  (parts, random) => {
    const { account, clocks, hosts } = parts.manifest;
    const statement = {
      ...{ format: 'mrepl-statement', version: '2.0', account, host: random.pick(knownIds), name: 'x' },
      ...{ number: counter(random) + 1, hosts, clocks, unheard: [hostIndex(parts, random)], fetch: [] },
      ...{ before: [], records: '0'.repeat(32) },
    };
    parts.manifest.relayed = [signedText(JSON.stringify(statement))];
  },
  (parts, random) => {
    // A mailbox once more, under another name.
    const files = parts.manifest.mailboxes as Json[];
    const records = structuredClone(mailboxRecords(parts, random));
    if (files.length === 0 || records[0] === undefined) return;
    records[0].MBOX = random.pick(['archive', 'Copy', 'a.b', 'Sent', 'INBOX/x']);
    parts.files.push(records);
    files.push({
      ...files[0],
      name: records[0].MBOX,
      file: `mailboxes/${String(parts.files.length).padStart(4, '0')}.jsonl`,
    });
  },
];

/** Hosts that nobody ever heard of join those that the bundle names; answers their places in its table. */
function crowd(parts: BundleParts, random: Random): readonly number[] {
  const hosts = listOf(parts.manifest, 'hosts');
  const first = hosts.length;
  const count = random.pick([1, 10, 60]);
  for (let n = 0; n < count; n++) hosts.push(random.bytes(16).toString('hex'));
  return Array.from({ length: count }, (_, n) => first + n);
}

/** What costs the others room and time, each a little and all of it a lot: hosts, labels, mailboxes, keywords, ranges that nobody needs. */
const budgets: readonly Change[] = [
  (parts, random) => {
    const record = mbox(parts, random);
    const clock = listOf(record, 'clock');
    for (const host of crowd(parts, random))
      clock.push([host, random.integer(1, 9), random.integer(0, Number(record.m))]);
  },
  (parts, random) => {
    const record = mbox(parts, random);
    const clock = listOf(record, 'clock');
    const living = listOf(record, 'living');
    const save = saves(mailboxRecords(parts, random))[0];
    for (const host of crowd(parts, random)) {
      clock.push([host, 1, 1]);
      living.push([host, '1']);
      if (save !== undefined) parts.files[0]?.push({ ...structuredClone(save), SAVE: [host, 1] });
    }
  },
  (parts, random) => {
    const record = mbox(parts, random);
    const validity = (record.v as number[] | null)?.[1] ?? 7;
    for (let n = random.pick([5, 50, 500]); n > 0; n--) {
      listOf(record, 'claims').push([validity, random.bytes(16).toString('hex'), rangesText(random)]);
    }
  },
  (parts, random) => {
    const validity = (mbox(parts, random).v as number[] | null)?.[1] ?? 7;
    const pairs = listOf(mbox(parts, random), 'agreed');
    for (let n = random.pick([5, 50]); n > 0; n--) {
      const [a, b] = [random.bytes(16), random.bytes(16)].map((id) => id.toString('hex')).sort();
      pairs.push([validity, a, b, rangesText(random)]);
    }
  },
  (parts, random) => {
    const files = parts.manifest.mailboxes as Json[];
    const records = mailboxRecords(parts, random);
    if (files.length === 0 || records[0] === undefined) return;
    for (let n = random.pick([2, 10, 40]); n > 0; n--) {
      const copy = structuredClone(records);
      Object.assign(copy[0] ?? {}, { MBOX: `Planted/${n}` });
      parts.files.push(copy);
      const file = `mailboxes/${String(parts.files.length).padStart(4, '0')}.jsonl`;
      files.push({ ...files[0], name: `Planted/${n}`, file });
    }
  },
  (parts, random) => {
    const save = saves(mailboxRecords(parts, random))[0];
    if (save === undefined) return;
    const host = hostIndex(parts, random);
    save.f = Array.from({ length: random.pick([50, 1000]) }, (_, n) => [`k${String(n).padStart(4, '0')}`, 1, 1, host]);
  },
  (parts, random) => {
    const ranges = Array.from({ length: random.pick([100, 5000]) }, (_, n) => String(2 * n + 1)).join(',');
    if (random.chance(0.5)) listOf(parts.manifest, 'heard').push([hostIndex(parts, random), ranges]);
    else listOf(mbox(parts, random), 'claims').push([1_700_000_000, 'd'.repeat(32), ranges]);
  },
];

/** Makes the bundle speak of every host there is, so that lies can be about each of them. */
export function widen(parts: BundleParts): void {
  const hosts = listOf(parts.manifest, 'hosts');
  for (const id of knownIds) if (!hosts.includes(id)) hosts.push(id);
}

export function mutateMeaning(parts: BundleParts, random: Random): void {
  random.pick(random.chance(0.2) ? budgets : changes)(parts, random);
}
