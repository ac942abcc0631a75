// A process that holds a catalog, for the tests of the lock: `holder.js PATH BACKEND DEED`. It prints one line when it has done its
// deed, and one with the code where it could not.
import type { Catalog } from '../../../src/catalog/interface/catalog.js';
import { createCatalog, endSetUp, openCatalog } from '../../../src/catalog/open-catalog.js';
import type { Backend } from '../../../src/catalog/sql/open-database.js';
import { Failure } from '../../../src/failure.js';
import { identity, instanceOf, mailboxOf, range } from '../sample.js';

const [path = '', backend, deed] = process.argv.slice(2);
const options = { backend: backend as Backend, waitMs: 0 };

/** Longer than any test; the test ends this process. */
const holdForMs = 60_000;

async function hold(line: string): Promise<void> {
  process.stdout.write(`${line}\n`);
  await new Promise((resolve) => setTimeout(resolve, holdForMs));
}

async function counted(): Promise<void> {
  const catalog = await openCatalog(path, { ...options, waitMs: 30_000 });
  const count = Number(catalog.note('count') ?? 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  catalog.setNote('count', `${count + 1}`);
  catalog.close();
}

const deeds: Record<string, () => Promise<void>> = {
  /** Makes the catalog, and closes it. */
  async create() {
    const catalog: Catalog = await createCatalog(path, identity, options);
    endSetUp(catalog);
    catalog.close();
    process.stdout.write('created\n');
  },
  /** Holds it, having committed one thing and half done a large other. */
  async hold() {
    const catalog = await openCatalog(path, options);
    catalog.setNote('committed', 'yes');
    await catalog.transaction(async () => {
      catalog.setNote('committed', 'no');
      catalog.save(
        null,
        mailboxOf(
          'INBOX',
          range(1, 3000).map((serial) => instanceOf(serial)),
        ),
      );
      await hold('held');
    });
  },
  /** Holds it until it hears something. */
  async holdUntilTold() {
    const catalog = await openCatalog(path, options);
    process.stdout.write('held\n');
    process.stdin.once('data', () => {
      catalog.close();
      process.stdin.destroy();
    });
  },
  /** Adds to a count, three times, reading and writing it at different moments. */
  async count() {
    for (const _ of range(1, 3)) await counted();
    process.stdout.write('counted\n');
  },
  /** Ends without closing. */
  async forget() {
    const catalog = await openCatalog(path, options);
    catalog.setNote('committed', 'yes');
    process.stdout.write('forgotten\n');
  },
};

try {
  await deeds[deed ?? '']?.();
} catch (failure) {
  process.stdout.write(`${failure instanceof Failure ? failure.code : failure}\n`);
}
