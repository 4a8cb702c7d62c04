import type { S3Client } from "@aws-sdk/client-s3";
import type { Logger } from "@logtape/logtape";
import type { S3LogLevel } from "../../config/sections/storage_s3.ts";
import { describeFailure } from "./failures.ts";

/** Options of {@linkcode logCommands}. */
export interface CommandLogOptions {
  readonly log: Logger;
  /**
   * What is logged, at the level debug: each command; or those alone that failed
   * (`debugwithrequesterrors`) or were tried again (`debugwithrequestretries`).
   */
  readonly level: S3LogLevel;
}

/** Logs what the client does. Neither credentials nor signatures nor content are ever in it. */
export function logCommands(client: S3Client, { log, level }: CommandLogOptions): void {
  if (level === "off") return;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const { Key: key, Prefix: prefix } = args.input as { Key?: string; Prefix?: string };
      const about = { command: context.commandName, key: key ?? prefix };
      try {
        const result = await next(args);
        const { attempts, httpStatusCode, requestId } = result.output.$metadata;
        const isRetry = (attempts ?? 1) > 1;
        if (level === "debugwithrequesterrors") return result;
        if (level === "debugwithrequestretries" && !isRetry) return result;
        log.debug("s3 command", { ...about, status: httpStatusCode, requestId, attempts });
        return result;
      } catch (error) {
        log.debug("s3 command failed", { ...about, reason: describeFailure(error) });
        throw error;
      }
    },
    { step: "initialize", name: "stowageCommandLog" },
  );
}
