import { Failure } from '../../failure.js';
import { isUsableName } from '../../replica/host-name.js';

/** The account named, or the one after the user. Throws `usage`. */
export function accountName(given: string | null, userName: string): string {
  return given === null ? derived(userName, 'account') : checked(given, 'account', '--account ');
}

/** The host named, or the one after the machine. Throws `usage`. */
export function hostName(given: string | null, machineName: string): string {
  return given === null ? derived(machineName.split('.')[0] ?? '', 'host') : checked(given, 'host', '--name ');
}

/** A host name that is an argument by itself, as in `mrepl rename NAME`. Throws `usage`. */
export function hostNameArgument(given: string): string {
  return checked(given, 'host', '');
}

/** `before`: what stands before the name on a command line, for the hint. */
function checked(name: string, what: string, before: string): string {
  if (isUsableName(name)) return name;
  throw new Failure('usage', `the ${what} name "${name}" cannot be used: it becomes part of file names on sticks`, {
    hint: `Use up to 32 lower-case letters, digits and dashes, such as: ${before}${suggestion(name) ?? 'home'}`,
  });
}

function derived(source: string, what: string): string {
  return suggestion(source) ?? what;
}

/** The nearest usable name, if there is any. */
function suggestion(name: string): string | null {
  const near = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 32)
    .replace(/^-+|-+$/g, '');
  return isUsableName(near) ? near : null;
}
