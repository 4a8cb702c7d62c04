import type { Logger } from "@logtape/logtape";
import type { Clock } from "../../base/clock.ts";
import type { Timers } from "../../base/timers.ts";

/** What a storage middleware may need beside the driver that it is put around. */
export interface MiddlewareContext {
  readonly log: Logger;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly fetch: typeof fetch;
  /**
   * The name that a file has in the bucket.
   * @default the storage is no bucket of S3
   */
  readonly objectKey?: (path: string) => string;
}
