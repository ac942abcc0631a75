import type { OutgoingText, Preamble } from '../../src/bundle/format/bundle-contents.js';
import type { MailboxNews } from '../../src/replica/mailbox-news.js';
import { outgoing, preambleOf, written } from '../bundle/sample.js';

/** A bundle of the bad host that is written and signed as bundles are, whatever the news in it says. */
export async function bundleOf(
  news: readonly MailboxNews[],
  { texts = [], ...changes }: Partial<Preamble> & { readonly texts?: readonly Uint8Array[] } = {},
): Promise<Buffer> {
  const sent: OutgoingText[] = texts.map(outgoing);
  const { bytes } = await written({ preamble: { ...preambleOf(news), ...changes }, news, texts: sent });
  return bytes;
}
