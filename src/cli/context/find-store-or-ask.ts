import { advice, Failure, typed } from '../../failure.js';
import type { FoundStore, StoreQuestion } from '../../store/find-store.js';
import type { Context } from './command-context.js';

/**
 * The store of a user who named none: it is looked for, and taken after a yes or by --yes. Throws `usage` where none
 * was found, where the answer is no, and where there is nobody to ask.
 */
export async function findStoreOrAsk({ common, environment, output, settings }: Context): Promise<FoundStore> {
  const { findStore } = await import('../../store/find-store.js');
  const question = await questionFor({ environment, settings });
  const found = await findStore(question);
  const why = found.why.join('; ');
  if (found.spec === null) {
    throw new Failure('usage', `no store was named, and none was found: ${why}`, {
      hint:
        found.remedy ??
        advice`Name it, written like Dovecot's mail_location, for example: ${typed('mrepl', 'init', 'maildir:~/Maildir')}`,
    });
  }
  const { emptyStoreAt } = await import('../../store/begin-empty-store.js');
  // Of a store that is to be made, more is asked.
  if (common.yes || emptyStoreAt(found.spec, question) !== null) return found;
  const { foundStoreQuestion } = await import('../../terminal/text/setup/init-text.js');
  const answer = await output.confirm(foundStoreQuestion(found));
  if (answer === true) return found;
  if (answer === false) {
    throw new Failure('usage', `${found.spec} was not taken; nothing was changed`, {
      hint: advice`Name the store yourself, written like Dovecot's mail_location, for example: ${typed('mrepl', 'init', 'maildir:~/Maildir')}`,
    });
  }
  throw new Failure('usage', `no store was named; found was ${found.spec}: ${why}; nothing was changed`, {
    hint: advice`If it is the right one: ${typed('mrepl', 'init', found.spec)} Or name another.`,
  });
}

/**
 * A store that is not there yet is made after a yes, or by --yes: the first host has mail, and others often none.
 * `found`: how it was found, where the user did not name it. Throws `store-absent` where it is not to be made.
 */
export async function beginEmptyStore(
  { common, environment, output, settings }: Context,
  found: { readonly spec: string; readonly why: readonly string[] },
): Promise<void> {
  const { emptyStoreAt } = await import('../../store/begin-empty-store.js');
  const store = emptyStoreAt(found.spec, await questionFor({ environment, settings }));
  if (store === null) return;
  const { emptyStoreQuestion } = await import('../../terminal/text/setup/init-text.js');
  if (common.yes || (await output.confirm(emptyStoreQuestion({ ...found, root: store.root }))) === true) {
    await store.begin();
    return;
  }
  throw new Failure(
    'store-absent',
    `no mail lies in ${store.root}, and no Maildir was made there; nothing was changed`,
    {
      hint: advice`Is its disk mounted? To begin with an empty Maildir: ${typed('mkdir', '-p', ...store.directories)} Then run this again.`,
    },
  );
}

/** What Dovecot is asked for this user. */
async function questionFor({
  environment,
  settings,
}: Pick<Context, 'environment' | 'settings'>): Promise<StoreQuestion> {
  const { env, home, userName } = environment;
  return { doveadm: (await settings()).doveadm.value, userName, home, env };
}
