import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { MailboxChange } from '../../../../src/mail/mailbox-change.js';
import { cutBatches } from '../../../../src/store/maildir/write/cut-change-into-batches.js';

function changeOf(kinds: readonly string[], spare: number): MailboxChange {
  const refs = kinds.map((kind, index) => ({ kind, ref: `r${index}`, uid: index * 3 + 10 }));
  const of = (kind: string) => refs.filter((one) => one.kind === kind);
  const text = { guid: '', flags: new Set<string>(), receivedS: 0, hint: '', text: 'spool' as const };
  return {
    expected: null,
    uidValidity: 1,
    uidNext: kinds.length * 3 + 10 + spare,
    expunge: of('expunge').map(({ ref }) => ({ ref, guid: '' })),
    setFlags: of('flags').map(({ ref }) => ({ ref, flags: new Set<string>() })),
    renumber: of('renumber').map(({ ref, uid }) => ({ ref, uid })),
    deliver: of('deliver').map(({ ref, uid }) => ({ ref, uid, ...text })),
  };
}

const kinds = fc.array(fc.constantFrom('expunge', 'flags', 'renumber', 'deliver'), { maxLength: 30 });

describe('batches', () => {
  it('do everything once, in order, and never let UIDNEXT pass a UID to come', () => {
    fc.assert(
      fc.property(kinds, fc.nat(5), fc.integer({ min: 1, max: 7 }), fc.boolean(), (all, spare, stepsMax, newList) => {
        const change = changeOf(all, spare);
        const batches = cutBatches(change, { newList, stepsMax });
        assert.ok(batches.length > 0);
        const steps = batches.flatMap((batch) => batch.uidSteps);
        assert.deepEqual(
          steps.map((step) => step.ref),
          [...change.renumber, ...change.deliver].sort((a, b) => a.uid - b.uid).map(({ ref }) => ref),
        );
        assert.deepEqual(
          batches.flatMap((batch) => batch.setFlags),
          change.setFlags,
        );
        assert.deepEqual(
          batches.flatMap((batch) => batch.expunge),
          change.expunge,
        );
        let uidNext = 0;
        for (const batch of batches) {
          for (const { uid } of batch.uidSteps) assert.ok(uid >= uidNext && uid < batch.uidNext);
          uidNext = batch.uidNext;
        }
        assert.equal(uidNext, change.uidNext);
        const renumbering = batches.filter((batch) => batch.uidSteps.some((step) => step.kind === 'renumber'));
        if (newList) assert.ok(renumbering.length <= 1 && (renumbering.length === 0 || renumbering[0] === batches[0]));
        else
          for (const batch of batches)
            assert.ok(batch.uidSteps.length + batch.setFlags.length + batch.expunge.length <= stepsMax);
      }),
    );
  });

  it('are not made of a plan that contradicts itself', () => {
    const change = changeOf(['deliver', 'renumber'], 0);
    assert.throws(() => cutBatches({ ...change, uidNext: 11 }, { newList: false }));
    assert.throws(() => cutBatches({ ...change, expunge: [{ ref: 'r0', guid: '' }] }, { newList: false }));
    assert.throws(() => cutBatches({ ...change, renumber: [{ ref: 'r1', uid: 10 }] }, { newList: false }));
  });
});
