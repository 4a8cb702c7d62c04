/**
 * Health checks: small questions that are asked again and again, and whose failure takes the
 * registry out of service.
 *
 * @module
 */

/** One question. */
export interface HealthCheck {
  /** Names the check in answers and logs; unlike that of any other check. */
  readonly name: string;
  /** Time between two questions, in milliseconds. */
  readonly intervalMs: number;
  /** So many failures in a row make it unhealthy; 0 is like 1. */
  readonly threshold: number;
  /** Resolves if all is well, and fails with the reason if not. */
  run(signal: AbortSignal): Promise<void>;
}
