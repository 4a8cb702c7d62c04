import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { resolve } from "@std/path";
import { renderWelcome } from "../../src/cli/welcome.ts";

const ADDRESS = { transport: "tcp", hostname: "127.0.0.1", port: 5000 } as const;
const DRIVER = { name: "filesystem", rootDirectory: "./data", maxThreads: 100 } as const;

Deno.test("renderWelcome tells where it is, where its data is, and how to push", () => {
  const text = renderWelcome({ address: ADDRESS, tls: false, driver: DRIVER });

  assertStringIncludes(text, "  Registry   http://127.0.0.1:5000\n");
  assertStringIncludes(text, `  Data       ${resolve("./data")}\n`);
  const commands = text.split("\n").filter((line) => /^ {2}(?:docker|skopeo) /.test(line));
  assertEquals(commands.slice(0, 3), [
    "  docker pull alpine",
    "  docker tag alpine 127.0.0.1:5000/alpine",
    "  docker push 127.0.0.1:5000/alpine",
  ]);
  assert(commands[3]?.includes(" --dest-tls-verify=false "));
  assert(commands[3]?.endsWith(" docker://127.0.0.1:5000/alpine"));
});

Deno.test("renderWelcome names an address that a client on this machine reaches", () => {
  const facts = { tls: false, driver: DRIVER };
  const at = (hostname: string) => renderWelcome({ ...facts, address: { ...ADDRESS, hostname } });

  assertStringIncludes(at("::"), "http://127.0.0.1:5000\n");
  assertStringIncludes(at("0.0.0.0"), "http://127.0.0.1:5000\n");
  assertStringIncludes(at("::1"), "http://[::1]:5000\n");
});

Deno.test("renderWelcome speaks of https where there is TLS", () => {
  const text = renderWelcome({ address: ADDRESS, tls: true, driver: { name: "inmemory" } });

  assertStringIncludes(text, "https://127.0.0.1:5000\n");
  assertStringIncludes(text, "in memory");
  assertFalse(text.includes("tls-verify"));
});

Deno.test("renderWelcome shows how to ask on a unix socket", () => {
  const address = { transport: "unix", path: "/run/stowage.sock" } as const;
  const text = renderWelcome({ address, tls: false, driver: DRIVER });

  assertStringIncludes(text, "unix socket /run/stowage.sock\n");
  assertStringIncludes(text, "curl --unix-socket /run/stowage.sock http://localhost/v2/\n");
  assertFalse(text.includes("docker push"));
});
