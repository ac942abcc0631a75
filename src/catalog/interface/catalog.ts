import type { DamagedTextCatalog } from './damaged-text-catalog.js';
import type { ExportCatalog } from './export-catalog.js';
import type { FactCatalog } from './fact-catalog.js';
import type { FileEvidenceCatalog } from './file-evidence-catalog.js';
import type { GoneMessageCatalog } from './gone-message-catalog.js';
import type { IdentityCatalog } from './host-identity.js';
import type { LogCatalog } from './log-catalog.js';
import type { MailboxCatalog } from './mailbox-catalog.js';
import type { ModseqCatalog } from './modseq-catalog.js';
import type { PairedHostCatalog } from './paired-host-catalog.js';
import type { PeerCatalog } from './peer-catalog.js';
import type { SignedChangesCatalog } from './signed-changes-catalog.js';
import type { StatementCatalog } from './statement-catalog.js';
import type { TakenBundleCatalog } from './taken-bundle-catalog.js';
import type { TextCatalog } from './text-catalog.js';
import type { Transactional } from './transactional.js';
import type { TrashCatalog } from './trash-catalog.js';

/**
 * What this host remembers of one account: one SQLite file, held exclusively from opening to closing. All methods are
 * synchronous. Changes outside `transaction` are transactions of their own. Whoever needs a part of it takes that
 * part's interface.
 */
export interface Catalog
  extends IdentityCatalog,
    MailboxCatalog,
    TextCatalog,
    DamagedTextCatalog,
    FileEvidenceCatalog,
    PeerCatalog,
    PairedHostCatalog,
    StatementCatalog,
    SignedChangesCatalog,
    ExportCatalog,
    TakenBundleCatalog,
    GoneMessageCatalog,
    TrashCatalog,
    ModseqCatalog,
    LogCatalog,
    FactCatalog,
    Transactional {
  /** What SQLite finds wrong with the file, in its own words; reads all of it. */
  integrityTroubles(): string[];
  close(): void;
}
