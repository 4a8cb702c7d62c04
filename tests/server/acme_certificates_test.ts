import { assertEquals } from "@std/assert";
import { ACME_CHECK_MS, AcmeCertificates } from "../../src/server/acme_certificates.ts";
import type { AcmeOrders } from "../../src/server/acme_order.ts";
import { AcmeStore } from "../../src/server/acme_store.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { LOG } from "./_server.ts";

const DAY_MS = 24 * 3_600_000;

/** Certificates of 90 days from an authority that a test controls. */
async function scene(temp: TempFolder, { kept }: { readonly kept?: string } = {}) {
  const timers = new ManualTimers(1_000 * DAY_MS);
  const store = new AcmeStore(temp.path);
  if (kept !== undefined) await store.saveIdentity({ cert: kept, key: "" });
  const state = { orders: 0, isDown: false };
  const orders: AcmeOrders = {
    order() {
      state.orders++;
      if (state.isDown) return Promise.reject(new Error("the authority is away"));
      const facts = {
        hosts: ["a.example", "b.example"],
        notBeforeMs: timers.now(),
        notAfterMs: timers.now() + 90 * DAY_MS,
      };
      return Promise.resolve({ cert: JSON.stringify(facts), key: "" });
    },
    read: (pem) => JSON.parse(pem),
  };
  const hosts = ["a.example"];
  const certificates = new AcmeCertificates({
    store,
    orders,
    hosts,
    clock: timers,
    timers,
    log: LOG,
  });
  /** Lets time pass until something waits for more of it. */
  const pass = async (durationMs: number) => {
    await timers.pass(durationMs);
    while (timers.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { timers, state, certificates, pass };
}

/** A certificate that is kept from before. */
function certificate(fromDay: number, toDay: number, host = "a.example"): string {
  const facts = { hosts: [host], notBeforeMs: fromDay * DAY_MS, notAfterMs: toDay * DAY_MS };
  return JSON.stringify(facts);
}

Deno.test("AcmeCertificates.start asks for a certificate where none will do", async () => {
  for (
    const kept of [undefined, "damaged", certificate(900, 990), certificate(990, 1080, "other")]
  ) {
    await using temp = await TempFolder.make();
    const { certificates, state } = await scene(temp, kept === undefined ? {} : { kept });

    await certificates.start();

    assertEquals(state.orders, 1, kept);
    certificates.close();
  }
});

Deno.test("AcmeCertificates.start asks for none while one is good", async () => {
  await using temp = await TempFolder.make();
  const { certificates, state, pass } = await scene(temp, { kept: certificate(990, 1080) });

  await certificates.start();
  await pass(0);

  assertEquals(state.orders, 0);
  certificates.close();
});

Deno.test("AcmeCertificates renews when a third of the time is left", async () => {
  await using temp = await TempFolder.make();
  const { certificates, state, pass } = await scene(temp);
  await certificates.start();
  await pass(0);

  for (let day = 0; day < 59; day++) await pass(DAY_MS);
  assertEquals(state.orders, 1);
  for (let day = 0; day < 2; day++) await pass(DAY_MS);

  assertEquals(state.orders, 2);
  certificates.close();
});

Deno.test("AcmeCertificates serves with one that is due, and renews it at once", async () => {
  await using temp = await TempFolder.make();
  const { certificates, state, pass } = await scene(temp, { kept: certificate(920, 1010) });

  await certificates.start();
  assertEquals(state.orders, 0);
  await pass(0);

  assertEquals(state.orders, 1);
  certificates.close();
});

Deno.test("AcmeCertificates tries again while the authority is away, less and less often", async () => {
  await using temp = await TempFolder.make();
  const { certificates, state, pass, timers } = await scene(temp);
  state.isDown = true;
  const started = certificates.start();
  while (timers.waiting === 0) await new Promise((resolve) => setTimeout(resolve, 0));

  const counts = [];
  for (const minutes of [1, 2, 4, 8, 16, 32, 60]) {
    await pass(minutes * 60_000 - 1);
    counts.push(state.orders);
    if (minutes === 60) state.isDown = false;
    await pass(1);
  }
  await started;

  assertEquals(counts, [1, 2, 3, 4, 5, 6, 7]);
  assertEquals(state.orders, 8);
  certificates.close();
});

Deno.test("AcmeCertificates goes on where a renewal fails", async () => {
  await using temp = await TempFolder.make();
  const { certificates, state, pass } = await scene(temp, { kept: certificate(920, 1010) });
  state.isDown = true;
  await certificates.start();

  await pass(0);
  assertEquals(state.orders, 1);
  state.isDown = false;
  await pass(ACME_CHECK_MS);

  assertEquals(state.orders, 2);
  certificates.close();
});

Deno.test("AcmeCertificates.close leaves nothing that waits", async () => {
  await using temp = await TempFolder.make();
  const { certificates, timers } = await scene(temp);
  await certificates.start();

  certificates.close();

  assertEquals(timers.waiting, 0);
});
