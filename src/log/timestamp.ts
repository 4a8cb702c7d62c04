/**
 * Times of log lines, in the zone of the machine.
 *
 * @module
 */

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun"].concat(
  ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
);

const MS_PER_SECOND = 1000;

/** Minutes that the zone of the machine is ahead of UTC at `timeMs`. */
export function zoneOffsetMinutes(timeMs: number): number {
  return -new Date(timeMs).getTimezoneOffset();
}

/**
 * Writes a time as `2026-01-02T15:04:05.678+02:00`, or with `Z` where the offset is 0.
 *
 * Distribution writes nanoseconds; the clock here counts milliseconds.
 *
 * Source: RFC 3339, section 5.6.
 */
export function formatRfc3339(timeMs: number, offsetMinutes = zoneOffsetMinutes(timeMs)): string {
  const local = shiftedIso(timeMs, offsetMinutes);
  if (offsetMinutes === 0) return local;
  const [sign, hours, minutes] = splitOffset(offsetMinutes);
  return `${local.slice(0, -1)}${sign}${hours}:${minutes}`;
}

/**
 * Writes a time as `02/Jan/2026:15:04:05 +0200`.
 *
 * Source: Apache HTTP server, `mod_log_config`, format `%t`.
 */
export function formatClf(timeMs: number, offsetMinutes = zoneOffsetMinutes(timeMs)): string {
  const local = shiftedIso(timeMs, offsetMinutes);
  const month = MONTHS[Number(local.slice(5, 7)) - 1];
  const [sign, hours, minutes] = splitOffset(offsetMinutes);
  const date = `${local.slice(8, 10)}/${month}/${local.slice(0, 4)}`;
  return `${date}:${local.slice(11, 19)} ${sign}${hours}${minutes}`;
}

/**
 * Writes times as `format` does, for a format that tells no more than seconds: the lines of a busy
 * second have the same text, and to make it costs more than the rest of a line.
 */
export function rememberSecond(format: (timeMs: number) => string): (timeMs: number) => string {
  let second = NaN;
  let text = "";
  return (timeMs) => {
    const wanted = Math.floor(timeMs / MS_PER_SECOND);
    if (wanted !== second) {
      second = wanted;
      text = format(timeMs);
    }
    return text;
  };
}

/** Writes the time of day alone, as `15:04:05.678`, for a person at a terminal. */
export function formatTimeOfDay(timeMs: number, offsetMinutes = zoneOffsetMinutes(timeMs)): string {
  return shiftedIso(timeMs, offsetMinutes).slice(11, -1);
}

/** The wall clock of a zone in ISO form; the `Z` at its end is to be replaced. */
function shiftedIso(timeMs: number, offsetMinutes: number): string {
  return new Date(timeMs + offsetMinutes * 60_000).toISOString();
}

function splitOffset(offsetMinutes: number): [sign: string, hours: string, minutes: string] {
  const minutes = Math.abs(offsetMinutes);
  return [
    offsetMinutes < 0 ? "-" : "+",
    String(Math.trunc(minutes / 60)).padStart(2, "0"),
    String(Math.trunc(minutes % 60)).padStart(2, "0"),
  ];
}
