import type { Logger } from "@logtape/logtape";
import type { Timers } from "../base/timers.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { readTlsFiles, type TlsFiles, type TlsIdentity } from "./tls_files.ts";

/** How often the files of a certificate are looked at, in milliseconds. */
export const TLS_CHECK_MS = 10_000;

/** Options of {@linkcode watchTlsFiles}. */
export interface TlsWatchOptions {
  /** What the files held when they were last read. */
  readonly current: TlsIdentity;
  /** Takes up what the files hold now. What it throws is logged, and tried no more. */
  readonly onChange: (identity: TlsIdentity) => void;
  readonly timers: Timers;
  readonly log: Logger;
}

/**
 * Tells when the files of a certificate hold another one. As long as what they hold cannot be used,
 * be it that only one of the two is written yet, the old one stays, with a warning.
 *
 * @returns ends it
 */
export function watchTlsFiles(files: TlsFiles, options: TlsWatchOptions): () => void {
  const { onChange, timers, log } = options;
  let { current } = options;
  let complaint = "";
  let cancel = () => {};
  let isEnded = false;
  const check = async () => {
    try {
      const found = await readTlsFiles(files);
      if (isEnded) return;
      if (found.cert !== current.cert || found.key !== current.key) {
        current = found;
        onChange(found);
        log.info("took up another TLS certificate");
      }
      complaint = "";
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== complaint) {
        log.warn("the TLS certificate changed and cannot be used: the old one stays", {
          [LOG_FIELDS.errorMessage]: message,
        });
      }
      complaint = message;
    }
    if (!isEnded) wait();
  };
  const wait = () => {
    cancel = timers.after(TLS_CHECK_MS, () => void check());
  };
  wait();
  return () => {
    isEnded = true;
    cancel();
  };
}
