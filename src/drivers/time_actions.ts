import { STORAGE_INSTRUMENTS } from "../metrics/instruments/storage_instruments.ts";
import type { Histogram, Meter } from "../metrics/meter.ts";
import type { DriverAction } from "./guard.ts";

const MS_PER_SECOND = 1000;

/**
 * Makes the `observe` of the guard: the time of each call goes into a histogram.
 *
 * @param driver name of the driver
 */
export function timeActions(
  meter: Meter,
  driver: string,
): (action: DriverAction, durationMs: number) => void {
  const family = meter.histogram(STORAGE_INSTRUMENTS.action);
  const series = new Map<DriverAction, Histogram>();
  return (action, durationMs) => {
    let one = series.get(action);
    if (one === undefined) series.set(action, one = family.with(driver, action));
    one.observe(durationMs / MS_PER_SECOND);
  };
}
