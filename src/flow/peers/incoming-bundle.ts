import type { Readable } from 'node:stream';
import type { ArrivedText, Preamble, SignedStatement } from '../../bundle/format/bundle-contents.js';
import type { Failure } from '../../failure.js';
import type { Trouble } from '../../mail/item-trouble.js';
import type { Guid } from '../../mail/text/text-guid.js';
import type { SeenMedium } from '../../medium/medium-identity.js';
import type { MailboxNews } from '../../replica/mailbox-news.js';
import type { ImportedBundle } from '../reports/run-report-types.js';

export type ImportSource =
  | {
      readonly directory: string;
      /** The directory as the run found it, where it looked at it before. */
      readonly seen?: SeenMedium;
    }
  | { readonly files: readonly string[] }
  | { readonly stream: Readable };

/** A bundle that lies before us: used, as far as it can be. */
export type Arrival = {
  readonly fileName: string;
  readonly imprint: string | null;
  /** Null where the bundle is not used. */
  readonly preamble: Preamble | null;
  /** What its sender says of itself, as it signed it. Null where the bundle is not used. */
  readonly statement: SignedStatement | null;
  /** Empty where the bundle is not used. */
  readonly manifestSha256: string;
  readonly news: readonly MailboxNews[];
  /** Mailboxes whose records make no sense. */
  readonly troubles: readonly Trouble[];
  readonly offered: { readonly texts: number; readonly bytes: number };
  /** A pipe has to be read to its end, or its writer fails. */
  readonly mustDrain: boolean;
  texts(): AsyncIterable<ArrivedText>;
  /** Guids of what came among the texts read and is none. */
  impossible(): readonly Guid[];
  /**
   * The texts that may be in it: of the messages it tells of, and those that were asked for, whose sizes it does not
   * say.
   */
  promisedTexts(): Iterable<{ readonly guid: Guid; readonly sizeBytes: number | null }>;
  /** For whoever does not read the texts: is at least the end there? What comes by a pipe is not looked at. */
  lookAtEnd(): Promise<void>;
  /** Something of it could not be used. */
  miss(failure: Failure): void;
  isMissed(): boolean;
  /** Something of it was not used, because its sender is limited here: it is wanted again should that change. */
  withhold(): void;
  isWithheld(): boolean;
  /**
   * It says more of other hosts than they have signed: it is not to be read again, and does not count as heard, as its
   * sender has to say it otherwise.
   */
  doubt(): void;
  isDoubted(): boolean;
  /** What there is to report, after everything that will be read of it was read. */
  imported(): ImportedBundle;
  close(): Promise<void>;
};

/** A bundle of which nothing is used; without a failure as it is no news. */
export function unused({
  fileName,
  imprint,
  sizeBytes,
  failure,
}: Pick<Arrival, 'fileName' | 'imprint'> & {
  readonly sizeBytes: number | null;
  readonly failure: Failure | null;
}): Arrival {
  return {
    fileName,
    imprint,
    preamble: null,
    statement: null,
    manifestSha256: '',
    news: [],
    troubles: [],
    offered: { texts: 0, bytes: 0 },
    mustDrain: false,
    async *texts() {},
    impossible: () => [],
    promisedTexts: () => [],
    lookAtEnd: async () => undefined,
    miss: () => undefined,
    isMissed: () => failure !== null,
    withhold: () => undefined,
    isWithheld: () => false,
    doubt: () => undefined,
    isDoubted: () => false,
    imported: () => ({
      fileName,
      sizeBytes,
      from: null,
      number: null,
      madeAtS: null,
      outcome: failure === null ? 'old' : 'refused',
      failure,
    }),
    close: async () => undefined,
  };
}

/** The bundle, now that nothing of it is to be used. It is for the caller to close the other one. */
export function refused({ fileName, imprint, imported }: Arrival, failure: Failure): Arrival {
  return unused({ fileName, imprint, sizeBytes: imported().sizeBytes, failure });
}
