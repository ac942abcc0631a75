/**
 * An entry of the catalog's log, as the renderers take it. The details are whatever the run that wrote them had to say.
 */
export type LogRecord = {
  readonly atS: number;
  readonly what: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** What of it can be told in a line. */
export type LogItem = {
  readonly atS: number;
  readonly what: string;
  /** The directory, or `-`. */
  readonly where: string | null;
  readonly bundles: readonly {
    readonly fileName: string;
    readonly from: string | null;
    readonly outcome: string | null;
    readonly sizeBytes: number | null;
    /** Null where the entry does not say it. */
    readonly madeAtS: number | null;
  }[];
  /** Decisions by their kind. */
  readonly changes: Readonly<Record<string, number>>;
  /** Mailboxes in which something was expunged. */
  readonly expungedIn: number;
  /** Deletions that an export passed on. */
  readonly passedOn: number;
  readonly texts: number;
  readonly textBytes: number | null;
  /** Messages that came or went beside those that the entry names. */
  readonly moreMessages: number;
};

/** Reads what it knows of the details and passes over the rest: entries outlive the version that wrote them. */
export function logItem({ atS, what, details }: LogRecord): LogItem {
  const texts = recordOr(details.texts);
  const expunged = recordOr(details.expunged);
  return {
    atS,
    what,
    where: stringOr(details.source) ?? stringOr(details.target),
    bundles: bundlesOf(details),
    changes: changesOf(listOr(details.mailboxes)),
    expungedIn: numberOr(expunged.mailboxes) ?? emptiedIn(listOr(details.mailboxes)),
    passedOn: numberOr(expunged.messages) ?? 0,
    texts: numberOr(texts.arrived) ?? numberOr(details.texts) ?? 0,
    textBytes: numberOr(texts.bytes),
    moreMessages: numberOr(details.moreMessages) ?? 0,
  };
}

function bundlesOf(details: LogRecord['details']): LogItem['bundles'] {
  const own = stringOr(details.fileName);
  if (own !== null)
    return [{ fileName: own, from: null, outcome: null, sizeBytes: numberOr(details.sizeBytes), madeAtS: null }];
  return listOr(details.bundles).map((value) => {
    const bundle = recordOr(value);
    return {
      fileName: stringOr(bundle.fileName) ?? '?',
      from: stringOr(bundle.from),
      outcome: stringOr(bundle.outcome),
      sizeBytes: null,
      madeAtS: numberOr(bundle.madeAtS),
    };
  });
}

function changesOf(mailboxes: readonly unknown[]): LogItem['changes'] {
  const counts: Record<string, number> = {};
  for (const mailbox of mailboxes) {
    for (const [kind, count] of Object.entries(recordOr(recordOr(mailbox).decisions))) {
      counts[kind] = (counts[kind] ?? 0) + (numberOr(count) ?? 0);
    }
  }
  return counts;
}

function emptiedIn(mailboxes: readonly unknown[]): number {
  return mailboxes.filter((mailbox) => numberOr(recordOr(recordOr(mailbox).decisions).expunged) !== null).length;
}

function stringOr(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function listOr(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function recordOr(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
