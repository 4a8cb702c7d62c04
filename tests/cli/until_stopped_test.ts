import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Service } from "../../src/cli/service.ts";
import { runUntilStopped } from "../../src/cli/until_stopped.ts";
import { configureLogging } from "../../src/log/configure.ts";
import { FakeOutput, FakeSurroundings } from "./_fake_surroundings.ts";

class FakeService implements Service {
  readonly address = { transport: "tcp", hostname: "127.0.0.1", port: 5000 } as const;
  readonly #ended = Promise.withResolvers<void>();
  readonly finished = this.#ended.promise;
  /** The timeouts that it was stopped with. */
  readonly stops: number[] = [];
  readonly #stopping: Promise<number>;

  constructor(stopping: Promise<number> | number) {
    this.#stopping = Promise.resolve(stopping);
  }

  /** Lets the listener end by itself. */
  end(): void {
    this.#ended.resolve();
  }

  metrics(): Promise<[]> {
    return Promise.resolve([]);
  }

  failures(): undefined {}

  stop(drainTimeoutMs: number): Promise<number> {
    this.stops.push(drainTimeoutMs);
    return this.#stopping;
  }
}

/** Runs a service, lets `disturb` happen to it, and gives what came of it. */
async function run(
  service: FakeService,
  options: {
    readonly drainTimeoutMs: number;
    readonly disturb: (surroundings: FakeSurroundings) => void;
  },
) {
  const surroundings = new FakeSurroundings();
  const output = new FakeOutput();
  const { log, close } = configureLogging({ output });
  const { drainTimeoutMs, disturb } = options;
  const ending = runUntilStopped(service, { log, surroundings, drainTimeoutMs });
  disturb(surroundings);
  const code = await ending;
  await close();
  return { code, text: output.text, exits: surroundings.exits };
}

Deno.test("runUntilStopped drains on a signal and exits with 0", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const service = new FakeService(0);

    const { code, text, exits } = await run(service, {
      drainTimeoutMs: 30_000,
      disturb: (surroundings) => surroundings.signal(signal),
    });

    assertEquals([code, service.stops, exits], [0, [30_000], []]);
    assertStringIncludes(text, `signal=${signal} timeout=30s`);
  }
});

Deno.test("runUntilStopped exits with 1 where the drain took too long", async () => {
  const { code, text } = await run(new FakeService(3), {
    drainTimeoutMs: 1500,
    disturb: (surroundings) => surroundings.signal("SIGTERM"),
  });

  assertEquals(code, 1);
  assertStringIncludes(text, "level=fatal");
  assertStringIncludes(text, "requests=3 timeout=1.5s");
});

Deno.test("runUntilStopped exits with 0 where there was to be no drain", async () => {
  const service = new FakeService(3);

  const { code } = await run(service, {
    drainTimeoutMs: 0,
    disturb: (surroundings) => surroundings.signal("SIGTERM"),
  });

  assertEquals([code, service.stops], [0, [0]]);
});

Deno.test("runUntilStopped exits at once on a second signal", async () => {
  const draining = Promise.withResolvers<number>();

  const { exits } = await run(new FakeService(draining.promise), {
    drainTimeoutMs: 30_000,
    disturb: (surroundings) => {
      surroundings.signal("SIGTERM");
      surroundings.signal("SIGINT");
      // A real process would be gone by now.
      draining.resolve(1);
    },
  });

  assertEquals(exits, [130]);
});

Deno.test("runUntilStopped ends on what nobody caught, and tells where it came from", async () => {
  const service = new FakeService(0);

  const { code, text } = await run(service, {
    drainTimeoutMs: 30_000,
    disturb: (surroundings) => surroundings.crash(new TypeError("no such moon")),
  });

  assertEquals([code, service.stops], [1, [0]]);
  assertStringIncludes(text, 'level=fatal msg="unexpected error" err.message="no such moon"');
  assertStringIncludes(text, "until_stopped_test.ts");
});

Deno.test("runUntilStopped ends where the listener ends by itself", async () => {
  const service = new FakeService(0);

  const { code, text } = await run(service, {
    drainTimeoutMs: 30_000,
    disturb: () => service.end(),
  });

  assertEquals(code, 1);
  assertStringIncludes(text, "level=fatal");
});
