/** One replica of an account: 32 lower-case hex digits, random, made at `init`, never reused. */
export type HostId = string;

export const hostIdPattern = /^[0-9a-f]{32}$/;
