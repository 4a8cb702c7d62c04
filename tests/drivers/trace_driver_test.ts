import { assertEquals, assertRejects } from "@std/assert";
import type { Attributes, Span, SpanStatus, Tracer } from "@opentelemetry/api";
import {
  type DeleteOptions,
  DriverError,
  type PutOptions,
  type StatOptions,
  type SweepOptions,
} from "../../src/drivers/driver.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { traceDriver } from "../../src/drivers/trace_driver.ts";

/** What a tracer was told, as one line a span. */
function recorder() {
  const lines: string[] = [];
  const startSpan = (name: string, options: { attributes?: Attributes } = {}) => {
    const attributes: Attributes = { ...options.attributes };
    let failed = "";
    let hasEnded = false;
    return {
      setAttribute: (key: string, value: string | number) => attributes[key] = value,
      setStatus: ({ message }: SpanStatus) => failed = ` failed: ${message}`,
      addEvent: () => {},
      end() {
        if (hasEnded) return;
        hasEnded = true;
        const facts = Object.entries(attributes).map(([key, value]) =>
          `${key.replace("io.cncf.distribution.storage.", "")}=${value}`
        );
        lines.push(`${name} ${facts.join(" ")}${failed}`);
      },
    } as unknown as Span;
  };
  return { lines, tracer: { startSpan } as unknown as Tracer };
}

Deno.test("traceDriver makes a span of each call, with what it is about", async () => {
  const { lines, tracer } = recorder();
  const driver = traceDriver(new InMemoryDriver(), tracer);
  const content = new Uint8Array(3);

  await driver.putContent("/a", content);
  await driver.getContent("/a");
  await (await driver.reader("/a", { offset: 1 })).cancel();
  await driver.stat("/a");
  await driver.list("/");
  await driver.move("/a", "/b");
  await driver.redirectUrl("/b", { method: "GET" });
  for await (const _ of driver.walk("/")) { /* as far as it goes */ }
  await driver.delete("/b");
  await driver.close();

  assertEquals(lines, [
    "PutContent driver.name=inmemory path=/a content.length=3",
    "GetContent driver.name=inmemory path=/a",
    "Reader driver.name=inmemory path=/a offset=1",
    "Stat driver.name=inmemory path=/a",
    "List driver.name=inmemory path=/",
    "Move driver.name=inmemory source.path=/a destination.path=/b",
    "RedirectURL driver.name=inmemory path=/b",
    "Walk driver.name=inmemory path=/",
    "Delete driver.name=inmemory path=/b",
  ]);
});

Deno.test("traceDriver has the span of a writer last until it lets its file go", async () => {
  const { lines, tracer } = recorder();
  const driver = traceDriver(new InMemoryDriver(), tracer);

  const kept = await driver.writer("/a");
  await kept.write(new Uint8Array(5));
  await kept.commit();
  assertEquals(lines, []);
  await kept.close();
  const gone = await driver.writer("/a", { append: true });
  await gone.cancel();

  assertEquals(lines.map((line) => line.split(" size=")[0]), [
    "Writer driver.name=inmemory path=/a append=false",
    "Writer driver.name=inmemory path=/a append=true",
  ]);
});

Deno.test("traceDriver tells which call failed, and why", async () => {
  const { lines, tracer } = recorder();
  const driver = traceDriver(new InMemoryDriver(), tracer);

  await assertRejects(() => driver.stat("/none"), DriverError);
  await assertRejects(async () => {
    for await (const _ of driver.walk("/none")) { /* nothing comes */ }
  }, DriverError);

  assertEquals(lines, [
    "Stat driver.name=inmemory path=/none failed: inmemory: Path not found: /none",
    "Walk driver.name=inmemory path=/none failed: inmemory: Path not found: /none",
  ]);
});

Deno.test("traceDriver passes on what callers ask for, and what only some drivers have", async () => {
  const asked: unknown[] = [];
  class RemoteDriver extends InMemoryDriver {
    readonly isRemote = true;
    override putContent(path: string, content: Uint8Array, options?: PutOptions) {
      asked.push(options);
      return super.putContent(path, content);
    }
    override stat(path: string, options?: StatOptions) {
      asked.push(options);
      return super.stat(path);
    }
    override delete(path: string, options?: DeleteOptions) {
      asked.push(options);
      return super.delete(path);
    }
    override async writer(path: string) {
      const writer = await super.writer(path);
      return Object.defineProperty(writer, "version", { value: "7" });
    }
    sweep(path: string, options: SweepOptions) {
      asked.push([path, options]);
      return Promise.resolve(3);
    }
  }
  const { tracer } = recorder();
  const driver = traceDriver(new RemoteDriver(), tracer);
  const sweeping = { startedBeforeMs: 5, signal: AbortSignal.abort() };
  const options = [{ durable: false }, { fileOnly: true }, { onlyFiles: ["a"] }] as const;

  await driver.putContent("/a", new Uint8Array(1), options[0]);
  await driver.stat("/a", options[1]);
  await driver.delete("/a", options[2]);
  const writer = await driver.writer("/b");
  assertEquals(writer.version, "7");
  await writer.close();
  assertEquals(await driver.sweep?.("/x", sweeping), 3);
  assertEquals(driver.isRemote, true);
  assertEquals(asked, [...options, ["/x", sweeping]]);
});
