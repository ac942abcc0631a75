/**
 * Small facts, each a text under a key. Only the files of `catalog/facts/` read and write them, each its own, with its
 * parser: whoever wants a fact asks there, and hands on this interface.
 */
export interface FactCatalog {
  /** Small facts that other parts keep here, such as the ids of the sticks seen. */
  note(key: string): string | null;
  setNote(key: string, value: string | null): void;
  notes(): ReadonlyMap<string, string>;
}
