import type { Right } from '../../src/replica/peer-permission.js';
import { type Random, seededRandom } from '../bench/random.js';
import { inFrames } from '../bundle/forge.js';
import { seal } from '../trust/age/sample.js';
import { judgeImport } from './judge-import.js';
import { judgeMerge } from './judge-merge.js';
import { few, mutateAge, mutateFile, mutateFrames, mutateTar } from './mutate-bytes.js';
import { mutateTree, textChange } from './mutate-json.js';
import { mutateMeaning, widen } from './mutate-meaning.js';
import { framed, putTogether, reconcile, takeApart } from './parts.js';
import type { Scene } from './scene.js';
import type { CaseOutcome } from './serve-cases.js';

/** What of a bundle is altered, the innermost last. */
export const layers = ['file', 'age', 'frame', 'tar', 'json', 'meaning'] as const;
export type Layer = (typeof layers)[number];

/** Where the most can go wrong, the most is tried. */
const shares: readonly Layer[] = [
  'file',
  'age',
  'frame',
  'tar',
  'json',
  'json',
  'meaning',
  'meaning',
  'meaning',
  'meaning',
];

/** Of so many cases one goes through a whole import, which takes as long as forty others. */
const importEvery = 100;

const rights: readonly Right[] = ['full', 'full', 'full', 'append', 'read'];

/** What the process may take, threads and all: a bundle of the fuzzer is never larger than some MiB. */
const rssBytesMax = 1536 * 2 ** 20;

/** Longer than this is a hang, also on a busy machine. */
export const caseMsMax = 20_000;

export type FuzzCase = { readonly seed: number; readonly index: number; readonly layer: Layer | null };

/** Runs a case with all that is demanded of it. `directory` is for what lies on disk meanwhile. */
export async function runCase(fuzzCase: FuzzCase, scenes: readonly Scene[], directory: string): Promise<CaseOutcome> {
  const first = await attempt(fuzzCase, { scenes, directory, changesMax: Number.POSITIVE_INFINITY });
  if ('verdict' in first) return first;
  // Fewer changes may show the same.
  for (let changesMax = 1; changesMax < 6; changesMax++) {
    const outcome = await attempt(fuzzCase, { scenes, directory, changesMax });
    if ('complaint' in outcome) return { complaint: `${outcome.complaint}\nwith ${changesMax} changes` };
  }
  return first;
}

type Attempt = { readonly scenes: readonly Scene[]; readonly directory: string; readonly changesMax: number };

async function attempt(fuzzCase: FuzzCase, { scenes, directory, changesMax }: Attempt): Promise<CaseOutcome> {
  const startedMs = Date.now();
  try {
    const { bytes, scene, layer, random } = await bytesOf(fuzzCase, scenes, changesMax);
    const right = random.pick(rights);
    const isForged = layer === 'json' || layer === 'meaning';
    const isImport = fuzzCase.index % importEvery === 0;
    const verdict = isImport
      ? await judgeImport(bytes, scene, { directory, isSecond: isForged && random.chance(0.5) })
      : await judgeMerge(bytes, scene, { right, isForged });
    if (Date.now() - startedMs > caseMsMax) return { complaint: `it took ${Date.now() - startedMs} ms` };
    const rss = process.memoryUsage.rss(); // the whole of memoryUsage() takes longer than most cases
    if (rss > rssBytesMax) return { complaint: `${Math.round(rss / 2 ** 20)} MiB of memory are in use` };
    return { verdict };
  } catch (error) {
    return { complaint: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** The bundle of a case; `changesMax` leaves out what is altered later. */
export async function bytesOf(
  { seed, index, layer: only }: FuzzCase,
  scenes: readonly Scene[],
  changesMax = Number.POSITIVE_INFINITY,
): Promise<{ readonly bytes: Buffer; readonly scene: Scene; readonly layer: Layer; readonly random: Random }> {
  const random = seededRandom(`${seed} ${index}`);
  const layer = only ?? random.pick(shares);
  // What is large is only for where bytes are altered: it takes time, and its JSON is like that of the others.
  const isOfBytes = layer !== 'json' && layer !== 'meaning';
  const scene = random.pick(scenes.filter(({ name }) => isOfBytes || name !== 'large'));
  const count = Math.min(few(random), changesMax);
  return { bytes: await alteredAt(layer, { scene, random, count }), scene, layer, random };
}

type Altering = { readonly scene: Scene; readonly random: Random; readonly count: number };

async function alteredAt(layer: Layer, { scene, random, count }: Altering): Promise<Buffer> {
  const { victim, sender } = scene;
  switch (layer) {
    case 'file': {
      let bytes = random.chance(0.5) ? scene.bytes : seal(scene.bytes, [victim.keys.ageIdentity.recipient]);
      for (let n = 0; n < count; n++) bytes = mutateFile(bytes, random);
      return bytes;
    }
    case 'age':
      return mutateAge(scene.bytes, random, victim.keys.ageIdentity);
    case 'frame':
      return mutateFrames(scene.tar, random);
    case 'tar': {
      const tar = mutateTar(scene.tar, random);
      return tar.length === 0 ? tar : inFrames(tar);
    }
    case 'json': {
      const parts = takeApart(scene.tar);
      for (let n = 0; n < count; n++) mutateTree(parts, random);
      if (random.chance(0.5)) reconcile(parts);
      const change = random.chance(0.3) ? textChange(random) : undefined;
      return framed(putTogether(parts, sender.keys.signingKey, change));
    }
    default: {
      const parts = takeApart(scene.tar);
      widen(parts);
      for (let n = 0; n < count; n++) mutateMeaning(parts, random);
      if (random.chance(0.95)) reconcile(parts);
      return framed(putTogether(parts, sender.keys.signingKey));
    }
  }
}
