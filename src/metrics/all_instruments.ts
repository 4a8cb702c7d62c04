import type { Instrument, InstrumentTable } from "./instrument.ts";
import { CACHE_INSTRUMENTS } from "./instruments/cache_instruments.ts";
import { COLLECTION_INSTRUMENTS } from "./instruments/collection_instruments.ts";
import { HTTP_INSTRUMENTS } from "./instruments/http_instruments.ts";
import { NOTIFICATION_INSTRUMENTS } from "./instruments/notification_instruments.ts";
import { PROCESS_INSTRUMENTS } from "./instruments/process_instruments.ts";
import { PROGRAM_INSTRUMENTS } from "./instruments/program_instruments.ts";
import { PROXY_INSTRUMENTS } from "./instruments/proxy_instruments.ts";
import { PULL_THROUGH_INSTRUMENTS } from "./instruments/pull_through_instruments.ts";
import { REDIS_INSTRUMENTS } from "./instruments/redis_instruments.ts";
import { STORAGE_INSTRUMENTS } from "./instruments/storage_instruments.ts";
import { UPLOAD_INSTRUMENTS } from "./instruments/upload_instruments.ts";

/** Every table; the page of metrics, the dashboard and the alerts are checked against them. */
const TABLES: readonly InstrumentTable[] = [
  HTTP_INSTRUMENTS,
  STORAGE_INSTRUMENTS,
  CACHE_INSTRUMENTS,
  REDIS_INSTRUMENTS,
  NOTIFICATION_INSTRUMENTS,
  PROXY_INSTRUMENTS,
  PULL_THROUGH_INSTRUMENTS,
  UPLOAD_INSTRUMENTS,
  COLLECTION_INSTRUMENTS,
  PROGRAM_INSTRUMENTS,
  PROCESS_INSTRUMENTS,
];

/** Every instrument of the program, in the order of the documentation. */
export const ALL_INSTRUMENTS: readonly Instrument[] = TABLES.flatMap((table) =>
  Object.values(table)
);
