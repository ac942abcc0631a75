/** Where a value came from, for messages and for `doctor`. */
export type Origin =
  | { readonly kind: 'option'; readonly name: string }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string; readonly key: string }
  | { readonly kind: 'default' };

/** A value that the user may have set up. */
export type Setting<T> = { readonly value: T; readonly from: Origin };

/** `--account`, `MREPL_ACCOUNT`, `"account" in /home/alice/.config/mrepl/config.json`. */
export function describeOrigin(origin: Origin): string {
  switch (origin.kind) {
    case 'option':
      return origin.name;
    case 'environment':
      return `${origin.name} in the environment`;
    case 'file':
      return `"${origin.key}" in ${origin.file}`;
    case 'default':
      return 'the default';
    default:
      return origin satisfies never;
  }
}
