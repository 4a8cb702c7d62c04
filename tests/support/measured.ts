/** How often it is measured at most. */
const TRIES = 3;

/**
 * Measures, and again where the figures do not hold: whatever else the machine does may spoil a
 * measurement, and seldom spoils three. What does not hold at all holds in none of them.
 *
 * @returns the first measurement that holds, or else the last one
 */
export async function measured<T>(
  measure: () => Promise<T>,
  holds: (measurement: T) => boolean,
): Promise<T> {
  for (let tries = 1;; tries++) {
    const measurement = await measure();
    if (tries === TRIES || holds(measurement)) return measurement;
    console.log("measured: once more, for it does not hold");
  }
}
