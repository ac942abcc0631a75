/** A heading with what stands below it, in their order. */
export type SupportSection = {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
};

/** What whoever helps has to know of an installation: counts, codes, versions; no names, paths, addresses or mail. */
export type SupportReport = { readonly kind: 'support'; readonly sections: readonly SupportSection[] };

/** The report of `mrepl support`, as it is printed and as it goes into a file. */
export function supportText({ sections }: SupportReport): string {
  const parts = sections.map(({ title, rows }) => {
    const width = rows.reduce((widest, [name]) => Math.max(widest, name.length), 0);
    return [title, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd())].join('\n');
  });
  return `${parts.join('\n\n')}\n`;
}
