import { type OpenOptions, openBundle, type UnverifiedBundle, verifyRecords } from '../bundle/read/open-bundle.js';
import { Failure, type FailureCode, isOfOneThing } from '../failure.js';
import type { MailboxName } from '../mail/mailbox-name.js';
import { containerOf } from '../mail/packed/container-kinds.js';
import type { Guid } from '../mail/text/text-guid.js';
import { whySenseless } from '../replica/check-news-soundness.js';
import type { VerifyReport } from './reports/check-report-types.js';

/**
 * Reads a bundle to its last byte and says all that is wrong with it. Throws only where the file cannot be read at all.
 */
export async function verifyBundle(file: string, options: OpenOptions = {}): Promise<VerifyReport> {
  const findings: Failure[] = [];
  const counts = { records: 0, texts: 0, textBytes: 0 };
  let bundle: UnverifiedBundle | null = null;
  try {
    bundle = await openBundle(file, options);
    const verified = await verifyRecords(bundle);
    counts.records = verified.records;
    for await (const { guid, text } of verified.texts()) {
      counts.texts += 1;
      counts.textBytes += text.byteLength;
      if (containerOf(text) !== null) findings.push(packed(file, guid));
    }
    for (const { failure } of verified.troubles) findings.push(failure);
    for (const news of verified.news) {
      const why = whySenseless(news);
      if (why !== null) findings.push(senseless(file, news.name, why));
    }
    for (const failure of verified.damage()) findings.push(mendable(failure));
  } catch (cause) {
    if (!isOfOneThing(cause, ...ofContent)) throw cause;
    findings.push(mendable(cause));
  } finally {
    await bundle?.close();
  }
  return { kind: 'verify', file, sizeBytes: bundle?.sizeBytes ?? null, ok: findings.length === 0, ...counts, findings };
}

/** As every import would refuse it, alone. */
function packed(file: string, guid: Guid): Failure {
  return new Failure('bundle-damaged', `reading the bundle ${file}: the text ${guid} begins like a packed file`, {
    hint: 'No import takes it, as no store could keep it; its message is known without it, and the rest of the bundle is used.',
  });
}

/** As every import would refuse it, whatever is known there. */
function senseless(file: string, mailbox: MailboxName, why: string): Failure {
  return new Failure('bundle-damaged', `reading the bundle ${file}: of ${mailbox} nothing can be taken: ${why}`, {
    hint: 'Copying the file again does not help: ask the sender for a new bundle; if that says the same, the sender is damaged.',
  });
}

/** With a hint for whoever knows by now what is damaged. */
function mendable(failure: Failure): Failure {
  if (failure.code !== 'bundle-damaged') return failure;
  const hint = 'Copy the file again, or export again on the sending host: what is lost is sent anew.';
  return new Failure(failure.code, failure.message, { hint, cause: failure });
}

const ofContent: readonly FailureCode[] = ['bundle-damaged', 'bundle-not-understood'];
