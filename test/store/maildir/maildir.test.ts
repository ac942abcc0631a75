import { hostname } from 'node:os';
import { storeContract } from '../contract.js';
import { openTested } from '../store-under-test.js';
import { type Layout, makeMaildir } from './maildir-user.js';

for (const layout of ['maildir++', 'fs'] satisfies Layout[]) {
  for (const uidLists of [true, false]) {
    storeContract(`Maildir, ${layout}, ${uidLists ? 'with' : 'without'} dovecot-uidlist`, async () => {
      const user = makeMaildir(layout, { uidLists });
      const spec = `maildir:${user.root}${layout === 'fs' ? ':LAYOUT=fs' : ''}`;
      const store = await openTested(spec, { home: '/nowhere', hostName: hostname(), now: Date.now });
      return {
        store,
        user,
        givesUids: uidLists,
        keepsKeywords: uidLists,
        settle: () => user.settle(),
        async close() {
          await store.close();
          user.clear();
        },
      };
    });
  }
}
