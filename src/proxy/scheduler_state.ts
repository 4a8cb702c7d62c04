import { toBytes, toText } from "../base/bytes.ts";
import { isDigest } from "../oci/digest.ts";
import type { CachedContent } from "./cache_notes.ts";

/** Where Distribution keeps when cached content expires. */
export const SCHEDULER_STATE_PATH = "/scheduler-state.json";

/** When some content expires. */
export interface Expiry extends CachedContent {
  readonly expiresAtMs: number;
}

/** Source: reference of Distribution, "Expiry", state file. */
const ENTRY_TYPES = { blob: 0, manifest: 1 } as const;

/** Reads Distribution's file; entries that cannot be read are left out. */
export function parseSchedulerState(content: Uint8Array): readonly Expiry[] {
  let state: unknown;
  try {
    state = JSON.parse(toText(content));
  } catch {
    return [];
  }
  if (typeof state !== "object" || state === null) return [];
  return Object.values(state).map(readEntry).filter((entry) => entry !== undefined);
}

/** Writes the same file, so that Distribution can go on with it. */
export function renderSchedulerState(expiries: readonly Expiry[]): Uint8Array<ArrayBuffer> {
  const entries = expiries.map(({ kind, repository, digest, expiresAtMs }) => {
    const key = `${repository}@${digest}`;
    const expiryData = new Date(expiresAtMs).toISOString();
    return [key, { Key: key, ExpiryData: expiryData, EntryType: ENTRY_TYPES[kind] }] as const;
  });
  return toBytes(JSON.stringify(Object.fromEntries(entries)));
}

function readEntry(value: unknown): Expiry | undefined {
  const { Key, ExpiryData, EntryType } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof Key !== "string") return undefined;
  const at = Key.lastIndexOf("@");
  const digest = Key.slice(at + 1);
  const expiresAtMs = Date.parse(String(ExpiryData));
  if (at < 1 || !isDigest(digest) || Number.isNaN(expiresAtMs)) return undefined;
  const kind = EntryType === ENTRY_TYPES.manifest ? "manifest" : "blob";
  return { kind, repository: Key.slice(0, at), digest, expiresAtMs };
}
