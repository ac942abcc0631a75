/** One setting, as `mrepl config` shows it. */
export type SettingShown = {
  /** The command in whose table it stands; null for the top of the file. */
  readonly command: string | null;
  /** As it is written in the file. */
  readonly key: string;
  /** Null where nothing is set and nothing is built in. */
  readonly value: boolean | number | string | readonly string[] | null;
  readonly from: 'option' | 'environment' | 'file' | 'default';
  /** The option or variable, or the key in the file; null for what is built in. */
  readonly origin: string | null;
};

/** What is set up, and where each value came from. */
export type SettingsReport = {
  readonly kind: 'config';
  readonly file: string;
  readonly isThere: boolean;
  readonly dataDirectory: string;
  /** A JSON file that is not read, as there is a newer one; null where there is none. */
  readonly passedOver: string | null;
  readonly settings: readonly SettingShown[];
};
