import { HEALTH_COMMAND } from "./check_health.ts";
import { CHECK_COMMAND } from "./check_storage.ts";
import { GARBAGE_COLLECT_COMMAND } from "./collect_garbage.ts";
import type { Command } from "./command.ts";
import { REPOSITORY_COMMAND } from "./edit_repositories.ts";
import { HTPASSWD_COMMAND } from "./edit_users.ts";
import { MIRROR_COMMAND } from "./mirror.ts";
import { EVENTS_COMMAND } from "./edit_events.ts";
import { SERVE_COMMAND } from "./serve.ts";
import { CONFIG_COMMAND } from "./show_config.ts";
import { VERSION_COMMAND } from "./show_version.ts";

/** The commands of the program by name, in the order of its help. */
export const COMMANDS = {
  serve: SERVE_COMMAND,
  config: CONFIG_COMMAND,
  health: HEALTH_COMMAND,
  htpasswd: HTPASSWD_COMMAND,
  mirror: MIRROR_COMMAND,
  "garbage-collect": GARBAGE_COLLECT_COMMAND,
  check: CHECK_COMMAND,
  repository: REPOSITORY_COMMAND,
  events: EVENTS_COMMAND,
  version: VERSION_COMMAND,
} as const satisfies Readonly<Record<string, Command>>;
