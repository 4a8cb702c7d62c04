import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { Generations, newGenerations } from "../../src/cache/generations.ts";
import { digestBytes } from "../../src/oci/digester.ts";

const A = digestBytes(toBytes("a"));
const B = digestBytes(toBytes("b"));

Deno.test("Generations are raised for one digest, and for all who share the memory", () => {
  const memory = newGenerations();
  const [one, other] = [new Generations(memory), new Generations(memory)];

  one.raise(A);

  assertEquals([one.current(A), other.current(A), other.current(B)], [1, 1, 0]);
});

Deno.test("Generations are seen by another thread at once", async () => {
  const memory = newGenerations();
  const source = `self.onmessage = ({ data }) => {
    Atomics.add(new Int32Array(data.memory), data.index, 5);
    self.postMessage("done");
  };`;
  const url = URL.createObjectURL(new Blob([source], { type: "application/javascript" }));
  const worker = new Worker(url, { type: "module" });
  const done = new Promise((resolve) => worker.onmessage = resolve);
  worker.postMessage({ memory, index: parseInt(A.slice("sha256:".length).slice(0, 3), 16) });
  await done;
  worker.terminate();
  URL.revokeObjectURL(url);

  assertEquals(new Generations(memory).current(A), 5);
});
