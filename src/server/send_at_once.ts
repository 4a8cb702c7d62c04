const SOL_SOCKET = 1;
const SO_ACCEPTCONN = 30;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;

/** Where Linux shows what files a process has open, each a link named by its number. */
const OPEN_FILES = "/proc/self/fd";

/**
 * Has the system send what is written on connections at once, however little. Otherwise it holds
 * back the last bytes of an answer until the client has acknowledged those before, which a client
 * may take 40 ms for (Nagle's algorithm beside delayed acknowledgements).
 *
 * It goes for connections that come from now on to listeners that are there now: on Linux, which it
 * works on alone, they take it over from their listener. Without the right to call the system they
 * stay as they are.
 *
 * Source: tcp(7), RFC 1122, 4.2.3.
 */
export function sendAtOnce(): void {
  if (Deno.build.os !== "linux") return;
  try {
    const libc = Deno.dlopen("libc.so.6", {
      getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
      setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
    });
    const { getsockopt, setsockopt } = libc.symbols;
    const listens = new Int32Array(1);
    const size = new Uint32Array([listens.byteLength]);
    const on = new Int32Array([1]);
    for (const { name } of Deno.readDirSync(OPEN_FILES)) {
      // It stays so for what is no socket.
      listens[0] = 0;
      getsockopt(Number(name), SOL_SOCKET, SO_ACCEPTCONN, listens, size);
      if (listens[0] === 1) {
        setsockopt(Number(name), IPPROTO_TCP, TCP_NODELAY, on, on.byteLength);
      }
    }
    libc.close();
  } catch {
    // See above.
  }
}
