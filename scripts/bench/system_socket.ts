/** `AF_INET`, `SOCK_STREAM | SOCK_CLOEXEC`, and what they are used with, as Linux has them. */
const AF_INET = 2;
const SOCK_STREAM_CLOEXEC = 1 | 0o2000000;
const SOL_SOCKET = 1;
const SO_RCVLOWAT = 18;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const SHUT_RDWR = 2;
const MSG_TRUNC = 0x20;
const MSG_WAITALL = 0x100;
const MSG_NOSIGNAL = 0x4000;

/** Within a body that is dropped it is told of so many bytes at once, rather than of each few. */
const TOLD_BYTES = 1024 * 1024;

const SYMBOLS = {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32", nonblocking: true },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize", nonblocking: true },
  recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize", nonblocking: true },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
} as const;

const openLibrary = () => Deno.dlopen("libc.so.6", SYMBOLS).symbols;
let library: ReturnType<typeof openLibrary> | undefined;

/**
 * A TCP connection by calls of the system itself, which can drop what comes where it is. Clients
 * that stand for other machines then take hardly any of the processors that are measured: to copy
 * 2.5 GB out of the system takes as long as to send them.
 *
 * Linux only. Source: tcp(7), `MSG_TRUNC`.
 */
export class SystemSocket {
  readonly #calls: ReturnType<typeof openLibrary>;
  readonly #descriptor: number;
  readonly #running = new Set<Promise<unknown>>();

  private constructor(calls: ReturnType<typeof openLibrary>, descriptor: number) {
    this.#calls = calls;
    this.#descriptor = descriptor;
  }

  /** Connects to an address of IPv4. */
  static async connect(
    { hostname, port }: { readonly hostname: string; readonly port: number },
  ): Promise<SystemSocket> {
    const calls = library ??= openLibrary();
    const descriptor = calls.socket(AF_INET, SOCK_STREAM_CLOEXEC, 0);
    if (descriptor === -1) throw new Error("Cannot open a socket");
    const place = new DataView(new ArrayBuffer(16));
    place.setUint16(0, AF_INET, true);
    place.setUint16(2, port);
    for (const [index, part] of hostname.split(".").entries()) place.setUint8(4 + index, +part);
    if (await calls.connect(descriptor, place.buffer, place.byteLength) === -1) {
      calls.close(descriptor);
      throw new Error(`Cannot connect to ${hostname}:${port}`);
    }
    const socket = new SystemSocket(calls, descriptor);
    socket.#set(IPPROTO_TCP, { option: TCP_NODELAY, value: 1 });
    return socket;
  }

  /** Reads what is there, and waits for something; gives how many bytes, `null` at the end. */
  async read(view: Uint8Array<ArrayBuffer>): Promise<number | null> {
    return await this.#receive(view, view.byteLength, 0) || null;
  }

  /** Waits for so many bytes, which nobody gets; gives how many came, fewer at the end. */
  async drop(count: number): Promise<number | null> {
    const flags = MSG_TRUNC | MSG_WAITALL;
    let dropped = 0;
    if (count > TOLD_BYTES) {
      // The last bytes alone would never be so many.
      this.#set(SOL_SOCKET, { option: SO_RCVLOWAT, value: TOLD_BYTES });
      dropped = await this.#receive(null, count - TOLD_BYTES, flags);
      this.#set(SOL_SOCKET, { option: SO_RCVLOWAT, value: 1 });
    }
    return dropped + await this.#receive(null, count - dropped, flags) || null;
  }

  /** Sends bytes; gives how many were taken. */
  async write(bytes: Uint8Array): Promise<number> {
    const { send } = this.#calls;
    return check(
      await this.#run(send(this.#descriptor, bytes, BigInt(bytes.byteLength), MSG_NOSIGNAL)),
    );
  }

  /** Closes it, once the calls that wait have ended. */
  close(): void {
    this.#calls.shutdown(this.#descriptor, SHUT_RDWR);
    void Promise.allSettled(this.#running).then(() => this.#calls.close(this.#descriptor));
  }

  #set(
    level: number,
    { option, value }: { readonly option: number; readonly value: number },
  ): void {
    this.#calls.setsockopt(this.#descriptor, level, option, new Uint32Array([value]), 4);
  }

  async #receive(view: Uint8Array<ArrayBuffer> | null, count: number, flags: number) {
    const { recv } = this.#calls;
    return check(await this.#run(recv(this.#descriptor, view, BigInt(count), flags)));
  }

  /** Notes a call as long as it runs: a number that is given to another file meanwhile is not used. */
  async #run<T>(call: Promise<T>): Promise<T> {
    this.#running.add(call);
    try {
      return await call;
    } finally {
      this.#running.delete(call);
    }
  }
}

function check(count: bigint): number {
  if (count < 0n) throw new Error("Cannot use a connection: it is broken");
  return Number(count);
}
