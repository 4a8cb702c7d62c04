/**
 * Durations as Go writes them, which is how the configuration file has them.
 *
 * Source: Go's `time.ParseDuration`.
 *
 * @module
 */

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const DURATION_REGEXP = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const PART_REGEXP = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/**
 * Reads a duration such as `1h30m`, `-1.5s` or `0`.
 *
 * @returns milliseconds, possibly negative or fractional; `undefined` where `text` is no duration
 */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  const match = DURATION_REGEXP.exec(text);
  if (match === null) return undefined;
  const [, sign, parts] = match;
  let totalMs = 0;
  for (const [, amount, unit] of (parts ?? "").matchAll(PART_REGEXP)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  }
  return sign === "-" ? -totalMs : totalMs;
}

/** Writes a duration the way Go does: `90000` as `1m30s`, `1500` as `1.5s`, `20` as `20ms`. */
export function formatDuration(durationMs: number): string {
  if (durationMs === 0) return "0s";
  const sign = durationMs < 0 ? "-" : "";
  const absoluteMs = Math.abs(durationMs);
  if (absoluteMs < 1000) return `${sign}${round(absoluteMs)}ms`;
  const hours = Math.floor(absoluteMs / 3_600_000);
  const minutes = Math.floor((absoluteMs % 3_600_000) / 60_000);
  const seconds = round((absoluteMs % 60_000) / 1000);
  const head = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : "";
  return `${sign}${head}${seconds}s`;
}

/** Cuts what binary fractions add behind the ninth decimal place. */
function round(value: number): number {
  return Number(value.toFixed(9));
}
