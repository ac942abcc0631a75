import { Failure, isOfOneThing } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import { containerOf } from '../../mail/packed/container-kinds.js';
import { notReadable } from '../../mail/packed/unreadable-file-reasons.js';
import { guidOfCanonical } from '../../mail/text/text-guid.js';
import type { OutgoingText } from '../format/bundle-contents.js';
import { expansionMax, textBytesMax } from '../format/bundle-limits.js';
import { textEntry } from '../format/entry-names.js';
import type { PackItem } from '../frames/pack-and-unpack-frame.js';

/** Why this text cannot travel at all; null where it can. */
export function whyUnsendable({ guid, sizeBytes }: OutgoingText): Failure | null {
  if (sizeBytes <= textBytesMax) return null;
  return new Failure(
    'store-damaged',
    `sending the message text ${guid}: its ${sizeBytes} bytes are more than the ${textBytesMax} a bundle can carry`,
  );
}

/** Why this text stays behind: with it the bundle would look like one that is made to fill disks. */
export function tooLightly({ guid }: OutgoingText): Failure {
  return new Failure(
    'store-damaged',
    `sending the message text ${guid}: the bundle would unpack to more than ${expansionMax} times its size`,
    { hint: 'No reader would take it: the message is known to all hosts and stays where it is.' },
  );
}

/**
 * Asks the store for a text whose file did not do; where that does not help either, it is added to `left`, and the
 * answer is null.
 */
export async function readAnew({ guid, sizeBytes, read }: OutgoingText, left: Trouble[]): Promise<PackItem | null> {
  let bytes: Uint8Array;
  try {
    bytes = await read();
  } catch (cause) {
    if (!isOfOneThing(cause)) throw cause;
    left.push({ subject: guid, failure: cause });
    return null;
  }
  const container = containerOf(bytes);
  if (container !== null) {
    left.push({
      subject: guid,
      failure: notReadable(`sending the message text ${guid}`, { container, problem: 'unread' }),
    });
    return null;
  }
  if (guidOfCanonical(bytes) !== guid || bytes.length !== sizeBytes) {
    const failure = new Failure('store-damaged', `sending the message text ${guid}: it is not what it was any more`, {
      hint: 'The message was altered or damaged since it was first seen, and is not sent.',
    });
    left.push({ subject: guid, failure });
    return null;
  }
  return { name: textEntry(guid), sizeBytes, guid, content: { bytes } };
}
