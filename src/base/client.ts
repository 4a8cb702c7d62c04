/** Who sent a request, and where its answer goes. */
export interface Client {
  /** Address without port; `@` on a unix socket, where peers have no address. */
  readonly address: string;
  /** Absent where the address is that of no network. */
  readonly port?: number;
  /** Settles when the answer has gone out, or cannot; absent where nobody can tell. */
  readonly sent?: Promise<unknown>;
}
