import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { assertEquals } from "@std/assert";
import { toRequest } from "../../src/server/node_request.ts";

/** What `node:http` makes of a request with these headers, names and values in turn. */
function incoming(
  { method = "GET", url = "/", headers = [] as string[] } = {},
): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.method = method;
  message.url = url;
  message.rawHeaders = headers;
  for (let index = 1; index < headers.length; index += 2) {
    message.headers[(headers[index - 1] ?? "").toLowerCase()] = headers[index];
  }
  return message;
}

const OPTIONS = { scheme: "http", fallbackHost: "[::1]:5000" } as const;

Deno.test("toRequest takes the URL as it came, from the host that the client named", () => {
  const urls = [
    ["/v2/a/../b//c?x=%zz", "http://r.example:5000/v2/a/../b//c?x=%zz"],
    ["*", "http://r.example:5000/*"],
    ["https://other.example/v2/", "https://other.example/v2/"],
  ] as const;

  for (const [url, expected] of urls) {
    const message = incoming({ url, headers: ["Host", "r.example:5000"] });
    assertEquals(toRequest(message, OPTIONS).url, expected);
  }
});

Deno.test("toRequest names the listener where the client names no host, or none that can be", () => {
  assertEquals(toRequest(incoming(), OPTIONS).url, "http://[::1]:5000/");

  const odd = incoming({ headers: ["Host", "a b<c>"] });
  assertEquals(toRequest(odd, OPTIONS).url, "http://a b<c>/");
});

Deno.test("toRequest keeps every header, those that come twice too", () => {
  const headers = ["Host", "x", "Accept", "a/b", "X-One", "1", "accept", "c/d"];

  const request = toRequest(incoming({ headers }), OPTIONS);

  assertEquals(request.headers.get("accept"), "a/b, c/d");
  assertEquals(request.headers.get("x-one"), "1");
});

Deno.test("toRequest keeps the method, whatever it is", () => {
  for (const method of ["GET", "PATCH", "TRACE", "patch", "PROPFIND"]) {
    assertEquals(toRequest(incoming({ method }), OPTIONS).method, method);
  }
});

Deno.test("toRequest gives a body where the headers announce one", () => {
  const bodies = [
    [{ method: "PUT", headers: ["Content-Length", "3"] }, true],
    [{ method: "PATCH", headers: ["Transfer-Encoding", "chunked"] }, true],
    [{ method: "PUT", headers: ["Content-Length", "0"] }, false],
    [{ method: "POST" }, false],
    [{ method: "GET", headers: ["Content-Length", "3"] }, false],
  ] as const;

  for (const [message, expected] of bodies) {
    const headers = "headers" in message ? [...message.headers] : [];
    const request = toRequest(incoming({ ...message, headers }), OPTIONS);
    assertEquals(request.body !== null, expected, JSON.stringify(message));
  }
});

Deno.test("toRequest reads nothing of a body before it is asked for", async () => {
  const message = incoming({ method: "PUT", headers: ["Transfer-Encoding", "chunked"] });
  let asked = 0;
  const waiting = { ...OPTIONS, onRead: () => void asked++ };
  const reader = toRequest(message, waiting).body?.getReader();

  assertEquals([asked, message.isPaused()], [0, true]);
  const read = reader?.read();
  message.push(new Uint8Array([1, 2]));

  assertEquals([...(await read)?.value ?? []], [1, 2]);
  assertEquals(asked, 1);
});
