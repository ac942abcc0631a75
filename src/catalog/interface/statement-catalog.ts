import type { HostId } from '../../replica/host-id.js';

/**
 * The newest that is known of what a host says of itself, byte for byte as it signed it (mrepl-bundle(5), STATEMENTS).
 */
export type KeptStatement = {
  readonly hostId: HostId;
  /** That of the bundle it was first said in. */
  readonly number: number;
  readonly text: string;
  readonly sig: string;
  /** Is it signed with the key that its host is paired with here? Else it is the word of `saidBy`. */
  readonly isVerified: boolean;
  /** Whose bundle brought it: another host, or itself. */
  readonly saidBy: HostId;
};

/** The newest statement of each host, to be passed on. */
export interface StatementCatalog {
  /** What is known of each host's newest statement, without the text, which may be long. */
  statementNumbers(): ReadonlyMap<
    HostId,
    Pick<KeptStatement, 'number' | 'isVerified' | 'saidBy'> & { readonly sizeBytes: number }
  >;
  /** Null where nothing was ever heard of it. */
  statementOf(host: HostId): KeptStatement | null;
  /** In the place of the one that is kept of this host. */
  putStatement(statement: KeptStatement): void;
  dropStatement(host: HostId): void;
}
