/** Modules of Node that most runs never use, and that take half a millisecond or more to load. */
const lateModules: ReadonlySet<string> = new Set([
  'node:child_process',
  'node:readline',
  'node:worker_threads',
  'node:zlib',
]);

/**
 * A `require` that loads these when something of them is used: a bundler puts the imports of all files in front, even
 * of those that no run gets to.
 */
export function lateRequire(require: NodeJS.Require): (id: string) => unknown {
  return (id) => (lateModules.has(id) ? late(() => require(id)) : require(id));
}

/** Whoever copies what it has, as bundlers make `import *` do, loads it then. */
function late(load: () => object): object {
  return new Proxy(
    {},
    {
      get: (_target, name) => Reflect.get(load(), name),
      has: (_target, name) => Reflect.has(load(), name),
      ownKeys: () => Reflect.ownKeys(load()),
      getOwnPropertyDescriptor: (_target, name) => {
        const property = Reflect.getOwnPropertyDescriptor(load(), name);
        return property && { ...property, configurable: true };
      },
    },
  );
}
