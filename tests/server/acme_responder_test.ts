import { assertEquals } from "@std/assert";
import { createAcmeResponder } from "../../src/server/acme_responder.ts";
import { AcmeStore } from "../../src/server/acme_store.ts";
import { TempFolder } from "../support/temp.ts";

const CLIENT = { address: "192.0.2.1" };

Deno.test("createAcmeResponder tells an authority what it asks for", async () => {
  await using temp = await TempFolder.make();
  const store = new AcmeStore(temp.path);
  await store.saveChallenge("token", "token.thumb");
  const respond = createAcmeResponder(store, ["a.example"]);
  const ask = async (path: string) => {
    const url = `http://a.example/.well-known/acme-challenge/${path}`;
    const response = await respond(new Request(url), CLIENT);
    return [response.status, await response.text()];
  };

  assertEquals(await ask("token"), [200, "token.thumb"]);
  assertEquals(await ask("other"), [404, "no such challenge"]);
  assertEquals(await ask("..%2Facme_account+key"), [404, "no such challenge"]);
});

Deno.test("createAcmeResponder sends others to HTTPS, if they mean a host of ours", async () => {
  await using temp = await TempFolder.make();
  const respond = createAcmeResponder(new AcmeStore(temp.path), ["a.example"]);
  const answer = async (url: string, method = "GET") => {
    const { status, headers } = await respond(new Request(url, { method }), CLIENT);
    return [status, headers.get("location")];
  };

  assertEquals(await answer("http://a.example/v2/?n=1"), [302, "https://a.example/v2/?n=1"]);
  assertEquals(await answer("http://evil.example/v2/"), [400, null]);
  assertEquals(await answer("http://a.example/v2/", "PUT"), [400, null]);
});
