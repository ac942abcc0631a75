/** Digits of a UID in a ref: those of the largest, so that refs are in the order of their UIDs. */
const uidDigits = 10;

/** What a message of a server is called: `<UIDVALIDITY>.<UID>`. */
export function refOf(uidValidity: number, uid: number): string {
  return `${uidValidity}.${String(uid).padStart(uidDigits, '0')}`;
}

/** The inverse; null for what names no message of any server, as a provisional ref does. */
export function parseRef(ref: string): { readonly uidValidity: number; readonly uid: number } | null {
  const [, validity, digits] = /^([1-9]\d{0,9})\.(\d{10})$/.exec(ref) ?? [];
  if (validity === undefined || digits === undefined) return null;
  const uid = Number(digits);
  return uid === 0 ? null : { uidValidity: Number(validity), uid };
}

/** The UIDs of those refs that are of this UIDVALIDITY; what others named is not there any more. */
export function uidsOf(refs: readonly string[], uidValidity: number): number[] {
  return refs.flatMap((ref) => {
    const parsed = parseRef(ref);
    return parsed?.uidValidity === uidValidity ? [parsed.uid] : [];
  });
}
