/** Who sent a request. */
export interface Client {
  /** Address without port; `@` on a unix socket, where peers have no address. */
  readonly address: string;
  /** Absent where the address is that of no network. */
  readonly port?: number;
}
