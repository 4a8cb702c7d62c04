/**
 * Tells how many listeners a service manager passed to this process.
 *
 * They cannot be used: the runtime has no way to serve from a file descriptor that it did not open.
 * The caller says so, since the manager keeps the address busy meanwhile.
 *
 * Source: `sd_listen_fds(3)`.
 */
export function passedListeners(env: Readonly<Record<string, string>>, processId: number): number {
  if (env.LISTEN_PID !== String(processId)) return 0;
  const count = Number(env.LISTEN_FDS);
  return Number.isInteger(count) && count > 0 ? count : 0;
}
