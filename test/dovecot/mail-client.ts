import { ImapFlow } from 'imapflow';

/** What an IMAP client sees of one mailbox, in a form that two hosts can be compared by. */
export type MailboxView = {
  readonly uidValidity: number;
  readonly uidNext: number;
  readonly highestModseq: bigint;
  readonly messages: readonly MessageView[];
};

export type MessageView = {
  readonly uid: number;
  /** Flags and keywords, sorted; \Recent is of the session and left out. */
  readonly flags: readonly string[];
  /** INTERNALDATE, in ISO 8601. */
  readonly date: string;
  /** RFC822.SIZE as the server says it. */
  readonly size: number;
  /** The whole text as served, one character per byte. */
  readonly text: string;
};

export type Line = { readonly uid: number; readonly subject: string };

/** What a client in IDLE was told, in the order in which it came. */
export type Told =
  | { readonly kind: 'exists'; readonly count: number }
  | { readonly kind: 'fetch'; readonly uid: number | undefined; readonly flags: readonly string[] }
  | { readonly kind: 'expunge'; readonly seq: number | undefined }
  | { readonly kind: 'vanished'; readonly uid: number | undefined }
  | { readonly kind: 'closed' };

export type IdleClient = {
  /** All that was told so far. */
  readonly told: readonly Told[];
  /** Ends when `enough` holds of what was told; fails after 10 s, saying what was told instead. */
  until(enough: (told: readonly Told[]) => boolean): Promise<void>;
  stop(): Promise<void>;
};

/** An IMAP client whose every method fails where the server refuses. Mailbox names are as IMAP shows them, decoded. */
export type MailClient = {
  /** Answers the UID. */
  append(mailbox: string, text: string | Uint8Array, options?: AppendOptions): Promise<number>;
  look(mailbox: string): Promise<MailboxView>;
  /** The last messages, as a list of mail shows them. */
  lookAtLast(
    mailbox: string,
    count: number,
  ): Promise<{ readonly uidValidity: number; readonly lines: readonly Line[] }>;
  /** `look` at every mailbox. */
  lookAtAll(): Promise<Record<string, MailboxView>>;
  flag(mailbox: string, uids: readonly number[], change: FlagChange): Promise<void>;
  expunge(mailbox: string, uids: readonly number[]): Promise<void>;
  move(mailbox: string, uids: readonly number[], to: string): Promise<void>;
  copy(mailbox: string, uids: readonly number[], to: string): Promise<void>;
  /** Creates and, as most mail programs do, subscribes. */
  create(mailbox: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(mailbox: string): Promise<void>;
  subscribe(mailbox: string, on: boolean): Promise<void>;
  mailboxes(): Promise<string[]>;
  /** Opens the mailbox and waits in IDLE; the client can do nothing else until `stop`. */
  idle(mailbox: string): Promise<IdleClient>;
  close(): Promise<void>;
};

export type AppendOptions = { readonly flags?: readonly string[]; readonly date?: Date };
export type FlagChange = { readonly add?: readonly string[]; readonly remove?: readonly string[] };

const idleWaitMs = 10_000;

export async function openMailClient(options: {
  readonly port: number;
  readonly user: string;
  /** Left out, any: a server of tests mostly takes that. */
  readonly password?: string;
  readonly qresync: boolean;
}): Promise<MailClient> {
  const imap = new ImapFlow({
    host: '127.0.0.1',
    port: options.port,
    secure: false,
    doSTARTTLS: false,
    auth: { user: options.user, pass: options.password ?? 'any' },
    logger: false,
    disableAutoIdle: true,
    disableCompression: true,
    qresync: options.qresync,
  });
  imap.on('error', () => {}); // the command under way, or the next one, fails with it
  await imap.connect();
  return clientOf(imap);
}

function clientOf(imap: ImapFlow): MailClient {
  /** Does something with the mailbox selected. Left by way of EXAMINE: CLOSE alone would expunge what is marked \\Deleted. */
  const within = async (mailbox: string, work: () => Promise<unknown>): Promise<void> => {
    await imap.mailboxOpen(mailbox);
    await work();
    await imap.mailboxOpen(mailbox, { readOnly: true });
    await imap.mailboxClose();
  };
  const client: MailClient = {
    async append(mailbox, text, { flags = [], date } = {}) {
      const answer = await imap.append(mailbox, Buffer.from(text), [...flags], date);
      const { uid } = done(answer, `APPEND to ${mailbox}`);
      if (uid === undefined) throw new Error(`APPEND to ${mailbox}: no UID was answered`);
      return uid;
    },
    async look(mailbox) {
      const { exists } = await imap.mailboxOpen(mailbox, { readOnly: true });
      const query = { uid: true, flags: true, internalDate: true, size: true, source: true } as const;
      const fetched = exists === 0 ? [] : await imap.fetchAll('1:*', query);
      const status = { messages: true, uidNext: true, uidValidity: true, highestModseq: true } as const;
      const answer = done(await imap.status(mailbox, status), `STATUS ${mailbox}`);
      await imap.mailboxClose();
      return {
        uidValidity: Number(answer.uidValidity),
        uidNext: Number(answer.uidNext),
        highestModseq: answer.highestModseq ?? 0n,
        messages: fetched
          .map(({ uid, flags, internalDate, size, source }) => ({
            uid,
            flags: flagsOf(flags),
            date: new Date(internalDate ?? Number.NaN).toISOString(),
            size: size ?? -1,
            text: done(source ?? false, `FETCH ${mailbox} ${uid}`).toString('latin1'),
          }))
          .sort((a, b) => a.uid - b.uid),
      };
    },
    async lookAtLast(mailbox, count) {
      const { exists, uidValidity } = await imap.mailboxOpen(mailbox, { readOnly: true });
      const range = `${Math.max(1, exists - count + 1)}:*`;
      const fetched = exists === 0 ? [] : await imap.fetchAll(range, { uid: true, envelope: true });
      await imap.mailboxClose();
      // Of one that is expunged meanwhile the server says nothing.
      const lines = fetched.flatMap(({ uid, envelope }) =>
        envelope?.subject ? [{ uid, subject: envelope.subject }] : [],
      );
      return { uidValidity: Number(uidValidity), lines };
    },
    async lookAtAll() {
      const views: Record<string, MailboxView> = {};
      for (const name of await client.mailboxes()) views[name] = await client.look(name);
      return views;
    },
    async flag(mailbox, uids, { add = [], remove = [] }) {
      const range = uids.join(',');
      await within(mailbox, async () => {
        if (add.length > 0) done(await imap.messageFlagsAdd(range, [...add], { uid: true }), `STORE + ${mailbox}`);
        if (remove.length > 0) {
          done(await imap.messageFlagsRemove(range, [...remove], { uid: true }), `STORE - ${mailbox}`);
        }
      });
    },
    async expunge(mailbox, uids) {
      await within(mailbox, async () =>
        done(await imap.messageDelete(uids.join(','), { uid: true }), `EXPUNGE in ${mailbox}`),
      );
    },
    async move(mailbox, uids, to) {
      await within(mailbox, async () =>
        done(await imap.messageMove(uids.join(','), to, { uid: true }), `MOVE from ${mailbox}`),
      );
    },
    async copy(mailbox, uids, to) {
      await within(mailbox, async () =>
        done(await imap.messageCopy(uids.join(','), to, { uid: true }), `COPY from ${mailbox}`),
      );
    },
    async create(mailbox) {
      const { created } = await imap.mailboxCreate(mailbox);
      done(created, `CREATE ${mailbox}`);
    },
    async rename(from, to) {
      await imap.mailboxRename(from, to);
    },
    async remove(mailbox) {
      await imap.mailboxDelete(mailbox);
    },
    async subscribe(mailbox, on) {
      const answer = on ? await imap.mailboxSubscribe(mailbox) : await imap.mailboxUnsubscribe(mailbox);
      done(answer, `${on ? 'SUBSCRIBE' : 'UNSUBSCRIBE'} ${mailbox}`);
    },
    async mailboxes() {
      const listed = (await imap.list()).filter(({ listed, flags }) => listed && !flags.has('\\Noselect'));
      return listed.map(({ path }) => path).sort();
    },
    idle: (mailbox) => idle(imap, mailbox),
    async close() {
      if (imap.usable) await imap.logout().catch(() => {});
      imap.close();
    },
  };
  return client;
}

async function idle(imap: ImapFlow, mailbox: string): Promise<IdleClient> {
  await imap.mailboxOpen(mailbox);
  const told: Told[] = [];
  let wake = (): void => {};
  const tell = (item: Told): void => {
    told.push(item);
    wake();
  };
  imap.on('exists', ({ count }) => tell({ kind: 'exists', count }));
  imap.on('flags', ({ uid, flags }) => tell({ kind: 'fetch', uid, flags: flagsOf(flags) }));
  imap.on('expunge', ({ vanished, uid, seq }) => tell(vanished ? { kind: 'vanished', uid } : { kind: 'expunge', seq }));
  imap.on('close', () => tell({ kind: 'closed' }));
  const idling = imap.idle();
  idling.catch(() => {}); // a connection that broke is told as `closed`
  return {
    told,
    async until(enough) {
      const end = Date.now() + idleWaitMs;
      while (!enough(told)) {
        const leftMs = end - Date.now();
        if (leftMs <= 0) throw new Error(`the idling client was told only ${JSON.stringify(told)}`);
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, leftMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    },
    async stop() {
      await imap.noop(); // ends IDLE
      await idling;
    },
  };
}

function flagsOf(flags: ReadonlySet<string> | undefined): string[] {
  return [...(flags ?? [])].filter((flag) => flag !== '\\Recent').sort();
}

/** imapflow answers false to some refusals of the server. */
function done<T>(answer: T | false | undefined, what: string): T {
  if (answer === false || answer === undefined) throw new Error(`${what}: the server refused`);
  return answer;
}
