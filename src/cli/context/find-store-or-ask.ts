import { advice, Failure, typed } from '../../failure.js';
import type { FoundStore } from '../../store/find-store.js';
import type { Context } from './command-context.js';

/**
 * The store of a user who named none: it is looked for, and taken after a yes or by --yes. Throws `usage` where none
 * was found, where the answer is no, and where there is nobody to ask.
 */
export async function findStoreOrAsk({ common, environment, output, settings }: Context): Promise<FoundStore> {
  const { findStore } = await import('../../store/find-store.js');
  const { env, home, userName } = environment;
  const found = await findStore({ doveadm: (await settings()).doveadm.value, userName, home, env });
  const why = found.why.join('; ');
  if (found.spec === null) {
    throw new Failure('usage', `no store was named, and none was found: ${why}`, {
      hint:
        found.remedy ??
        advice`Name it, written like Dovecot's mail_location, for example: ${typed('mrepl', 'init', 'maildir:~/Maildir')}`,
    });
  }
  if (common.yes) return found;
  const { foundStoreQuestion } = await import('../../terminal/text/init-text.js');
  const answer = await output.confirm(foundStoreQuestion(found));
  if (answer === true) return found;
  throw new Failure('usage', `no store was named; found was ${found.spec}: ${why}; nothing was changed`, {
    hint: advice`If it is the right one: ${typed('mrepl', 'init', found.spec)} Or name another.`,
  });
}
