import { Agent as HttpsAgent } from "node:https";
import { Agent as HttpAgent } from "node:http";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import type { Logger } from "@logtape/logtape";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { S3Config } from "../../config/sections/storage_s3.ts";
import { hideDeprecations } from "../hide_deprecations.ts";
import { IS_OLD_RUNTIME } from "./_runtime.ts";
import { logCommands } from "./_command_log.ts";

/** Any text will do with an endpoint of one's own; this is what such stores expect. */
const DEFAULT_REGION = "us-east-1";

/** How often a request is sent in all, with growing pauses of random length in between. */
const MAX_ATTEMPTS = 5;

/** Longest wait for the head of an answer, in milliseconds: a part of 5 GiB takes its time. */
const ANSWER_TIMEOUT_MS = 5 * 60_000;

/** Longest wait for a connection, where the handler can tell, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Makes the vendor's client for what the configuration says. */
export function makeClient(config: S3Config, log: Logger): S3Client {
  const { accessKey, secretKey, regionEndpoint, userAgent } = config;
  hideDeprecations();
  if (!config.v4Auth) log.warn("ignored v4auth of s3: requests are signed with version 4");
  const client = new S3Client({
    region: config.region ?? DEFAULT_REGION,
    forcePathStyle: config.forcePathStyle,
    tls: config.secure,
    useDualstackEndpoint: config.useDualStack,
    useAccelerateEndpoint: config.accelerate,
    useFipsEndpoint: config.useFipsEndpoint,
    maxAttempts: MAX_ATTEMPTS,
    // Others than AWS do not know the checksums that are sent otherwise.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: makeHandler(config),
    ...regionEndpoint === undefined ? {} : { endpoint: endpointUrl(regionEndpoint, config.secure) },
    ...accessKey === undefined || secretKey === undefined ? {} : {
      credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
    },
    ...userAgent === undefined || userAgent === "" ? {} : { customUserAgent: userAgent },
  });
  logCommands(client, { log, level: config.logLevel });
  return client;
}

/** The scheme may be left out: `secure` then says which. */
export function endpointUrl(endpoint: string, secure: boolean): string {
  if (/^https?:\/\//i.test(endpoint)) return endpoint;
  return `${secure ? "https" : "http"}://${endpoint}`;
}

type Handler = NonNullable<S3ClientConfig["requestHandler"]>;

/** Bodies above this size are sent by `node:http`, in bytes. */
const LARGE_BYTES = 64 * 1024;

/**
 * Requests go out by the runtime's `fetch`: it gives bodies four times as fast as its `node:http`,
 * and reads no faster than it is asked to. Large bodies go out by the latter, which takes a third of
 * the memory for it and is faster; Deno 2.4 cannot do that. It alone can leave certificates unchecked.
 */
function makeHandler({ skipVerify }: S3Config): Handler {
  const pool = { keepAlive: true, maxSockets: Infinity };
  const node = new NodeHttpHandler({
    requestTimeout: ANSWER_TIMEOUT_MS,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    httpAgent: new HttpAgent(pool),
    httpsAgent: new HttpsAgent({ ...pool, rejectUnauthorized: !skipVerify }),
  });
  if (skipVerify) return node;
  return new MixedHandler(new FetchHttpHandler({ requestTimeout: ANSWER_TIMEOUT_MS }), node);
}

type Handle = FetchHttpHandler["handle"];

class MixedHandler {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #fetch: FetchHttpHandler;
  readonly #node: NodeHttpHandler;

  constructor(fetch: FetchHttpHandler, node: NodeHttpHandler) {
    this.#fetch = fetch;
    this.#node = node;
  }

  async handle(...[request, options]: Parameters<Handle>): ReturnType<Handle> {
    const { body } = request;
    if (!IS_OLD_RUNTIME && body instanceof Uint8Array && body.byteLength > LARGE_BYTES) {
      return await this.#node.handle(request, options);
    }
    try {
      return await this.#fetch.handle(request, options);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      // The vendor's client tries again what has this code.
      throw Object.assign(new Error(error.message, { cause: error }), { code: "ECONNRESET" });
    }
  }

  destroy(): void {
    this.#fetch.destroy();
    this.#node.destroy();
  }

  updateHttpClientConfig(...args: Parameters<FetchHttpHandler["updateHttpClientConfig"]>): void {
    this.#fetch.updateHttpClientConfig(...args);
  }

  httpHandlerConfigs(): ReturnType<FetchHttpHandler["httpHandlerConfigs"]> {
    return this.#fetch.httpHandlerConfigs();
  }
}
