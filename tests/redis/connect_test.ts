import { assertEquals, assertRejects } from "@std/assert";
import { delay } from "@std/async/delay";
import { type RedisClient, RedisError } from "../../src/redis/client.ts";
import { connectRedis } from "../../src/redis/connect.ts";
import { CA_CERTIFICATE, CERTIFICATE, KEY } from "../server/_certificates.ts";
import { messages, recordLog, SILENT } from "../storage/_doubles.ts";
import { freePort } from "../support/process.ts";
import { redisConfig, type RedisServer, startRedis } from "../support/redis.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

/** How often to ask, 50 ms apart, before something counts as not coming. */
const MAX_TRIES = 300;

/** Connects, runs `task`, and ends the connection. */
async function withRedis(
  section: Readonly<Record<string, unknown>>,
  task: (client: RedisClient) => Promise<void>,
): Promise<void> {
  const client = await connectRedis(redisConfig(section), { log: SILENT });
  try {
    await task(client);
  } finally {
    client.close();
  }
}

/** Repeats a command until it gives a reply. */
async function eventually(client: RedisClient, key: string): Promise<unknown> {
  for (let tries = 1;; tries++) {
    try {
      return await client.send(["SET", key, "1"]);
    } catch (error) {
      if (tries === MAX_TRIES) throw error;
      await delay(50);
    }
  }
}

testWith(["redis-server"], {
  name: "connectRedis speaks to one server, in both versions of the protocol",
  async fn() {
    await using server = await startRedis({ args: ["--requirepass", "secret"] });
    for (const protocol of [2, 3]) {
      await withRedis(
        { addr: server.addr, password: "secret", db: 2, protocol },
        async (client) => {
          await client.send(["HSET", "hash", "a", 1, "b", "x"]);
          assertEquals(await client.send(["HGETALL", "hash"]), ["a", "1", "b", "x"]);
          assertEquals(await client.send(["HMGET", "hash", "a", "c"]), ["1", null]);
          assertEquals(await client.send(["SISMEMBER", "set", "m"]), 0);
          await assertRejects(() => client.send(["SADD", "hash", "m"]), RedisError, "WRONGTYPE");
        },
      );
    }
  },
});

testWith(["redis-server"], {
  name: "connectRedis tells when the connection begins and ceases to stand",
  async fn() {
    const server = await startRedis();
    const told: boolean[] = [];
    const ceased = Promise.withResolvers<void>();
    const client = await connectRedis(redisConfig({ addr: server.addr }), {
      log: SILENT,
      onConnected(isConnected) {
        told.push(isConnected);
        if (!isConnected) ceased.resolve();
      },
    });
    assertEquals(told, [true]);

    await server[Symbol.asyncDispose]();
    await ceased.promise;
    assertEquals(told.slice(0, 2), [true, false]);
    client.close();
  },
});

testWith(["redis-server"], {
  name: "connectRedis tells of a wrong password, and goes on",
  async fn() {
    await using server = await startRedis({ args: ["--requirepass", "secret"] });
    const { log, records } = recordLog();
    const client = await connectRedis(redisConfig({ addr: server.addr, password: "x" }), { log });
    await assertRejects(() => client.send(["GET", "a"]), RedisError);
    client.close();
    assertEquals(messages(records).includes("warning: redis cannot be reached"), true);
    assertEquals(JSON.stringify(records).includes("WRONGPASS"), true);
  },
});

testWith(["redis-server"], {
  name: "connectRedis takes up a server that comes later, and one that comes back",
  async fn() {
    const port = freePort();
    await withRedis({ addr: `127.0.0.1:${port}` }, async (client) => {
      await assertRejects(() => client.send(["GET", "a"]), RedisError);
      for (let round = 1; round <= 2; round++) {
        await using _server = await startRedis({ port });
        assertEquals(await eventually(client, "a"), "OK");
      }
    });
  },
});

testWith(["redis-server"], {
  name: "connectRedis speaks TLS, and shows a certificate where it is asked for one",
  async fn() {
    await using temp = await TempFolder.make();
    const [ca, certificate, key] = await Promise.all([
      temp.write("ca.pem", CA_CERTIFICATE),
      temp.write("cert.pem", CERTIFICATE),
      temp.write("key.pem", KEY),
    ]);
    const port = freePort();
    await using server = await startRedis({
      port,
      args: [
        ...["--tls-port", String(port), "--port", "0", "--tls-ca-cert-file", ca],
        ...["--tls-cert-file", certificate, "--tls-key-file", key],
      ],
    });
    const tls = { rootcas: [ca], certificate, key };
    await withRedis({ addr: server.addr, tls }, async (client) => {
      assertEquals(await client.send(["PING"]), "PONG");
    });
    await withRedis({ addr: server.addr, tls: { rootcas: [ca] } }, async (client) => {
      await assertRejects(() => client.send(["PING"]), RedisError);
    });
  },
});

Deno.test("connectRedis refuses files that cannot be read", async () => {
  const config = redisConfig({ addr: "127.0.0.1:1", tls: { rootcas: ["/does/not/exist.pem"] } });
  const error = await assertRejects(
    () => connectRedis(config, { log: SILENT }),
    RedisError,
  ) as RedisError;
  assertEquals(error.code, "refused");
});

testWith(["redis-server"], {
  name: "connectRedis finds the master by its sentinels, and the next one",
  async fn() {
    await using first = await startRedis();
    await using second = await startRedis({
      args: ["--replicaof", "127.0.0.1", String(first.port), "--repl-diskless-sync-delay", "0"],
    });
    await using sentinel = await startRedis({
      args: ["--sentinel"],
      file: [
        `sentinel monitor main 127.0.0.1 ${first.port} 1`,
        "sentinel down-after-milliseconds main 300",
        "sentinel failover-timeout main 2000",
        "",
      ].join("\n"),
    });
    await waitForReplica(sentinel);
    await withRedis({ addrs: [sentinel.addr], mastername: "main" }, async (client) => {
      assertEquals(await eventually(client, "a"), "OK");
      await first.process.kill();
      assertEquals(await eventually(client, "b"), "OK");
      const info = await client.send(["INFO", "server"]);
      assertEquals(/tcp_port:(\d+)/.exec(String(info))?.[1], String(second.port));
    });
  },
});

/** Waits until a sentinel knows who could be the next master. */
async function waitForReplica(sentinel: RedisServer): Promise<void> {
  await withRedis({ addr: sentinel.addr }, async (client) => {
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const reply = JSON.stringify(await client.send(["SENTINEL", "REPLICAS", "main"]));
      if (reply.includes('"master-link-status","ok"')) return;
      await delay(50);
    }
    throw new Error(`The sentinel finds no replica. It wrote:\n${sentinel.process.output}`);
  });
}

testWith(["redis-server"], {
  name: "connectRedis speaks to a cluster, whichever server has the key",
  async fn() {
    const args = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    await using one = await startRedis({ args });
    await using other = await startRedis({ args });
    await join([one, other]);
    const addrs = [one.addr, other.addr];
    await withRedis({ addrs }, async (client) => {
      const keys = Array.from({ length: 20 }, (_, index) => `key${index}`);
      for (const key of keys) assertEquals(await eventually(client, key), "OK");
      // Keys with a common tag live on one server, so that a script can touch them together.
      const script = "return redis.call('SADD', KEYS[1], ARGV[1]) + redis.call('EXISTS', KEYS[2])";
      const set = "repository::foo::blobs";
      const reply = await client.send(["EVAL", script, 2, set, `{${set}}::removed`, "m"]);
      assertEquals(reply, 1);
    });
  },
});

/** Makes a cluster of two servers, each with half of the slots. */
async function join([one, other]: readonly [RedisServer, RedisServer]): Promise<void> {
  const slots: readonly (readonly [RedisServer, number, number])[] = [
    [one, 0, 8191],
    [other, 8192, 16383],
  ];
  for (const [{ addr }, first, last] of slots) {
    await withRedis({ addr }, async (client) => {
      await client.send(["CLUSTER", "ADDSLOTSRANGE", first, last]);
    });
  }
  await withRedis({ addr: one.addr }, async (client) => {
    await client.send(["CLUSTER", "MEET", "127.0.0.1", other.port]);
    for (let tries = 1; tries <= MAX_TRIES; tries++) {
      const info = String(await client.send(["CLUSTER", "INFO"]));
      if (info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:2")) return;
      await delay(50);
    }
    throw new Error("The servers form no cluster");
  });
}
