import { type Layer, layers, runCase } from './fuzz-case.js';
import { makeScenes } from './scene.js';
import { directoryOfProcess, serveCases } from './serve-cases.js';

const directory = directoryOfProcess('mrepl-fuzz-');

serveCases(makeScenes(directory), (scenes, { seed, only }, index) => {
  const layer: Layer | null = layers.find((name) => name === only) ?? null;
  return runCase({ seed, index, layer }, scenes, directory);
});
