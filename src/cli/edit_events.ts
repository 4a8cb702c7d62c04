import { outboxPath } from "../app/build_events.ts";
import { pathExists } from "../base/path_exists.ts";
import { readConfig } from "../config/read.ts";
import { OutboxDesk } from "../notifications/outbox_desk.ts";
import { type Command, printLine } from "./command.ts";
import { EXIT_CODES } from "./exit_codes.ts";

const ACTIONS = ["list", "replay", "drop"] as const;
type EventsAction = typeof ACTIONS[number];

/** `stowage events`. */
export const EVENTS_COMMAND: Command = {
  about: "Show or resend events that are left",
  operands: ["ACTION", "CONFIG"],
  details: [
    "ACTION is list, replay or drop. list prints how many events each endpoint has\n" +
    "still to get, and the dead letters, a line of JSON each; replay sends dead\n" +
    "letters again, after what is waiting; drop forgets them. A registry may be\n" +
    "running meanwhile.",
  ],
  flags: [],
  examples: [
    { command: "stowage events list config.yml", about: "See what was not taken, and why" },
    { command: "stowage events replay config.yml", about: "Send it again" },
  ],
  async run({ operands: [action = "", path] }, { env, stdout, stderr }) {
    if (!isAction(action)) {
      await printLine(stderr, `stowage: cannot do "${action}": say list, replay or drop`);
      return EXIT_CODES.usage;
    }
    const { config } = await readConfig({ env, ...path === undefined ? {} : { path } });
    const file = outboxPath(config);
    if (file === undefined || !await pathExists(file)) {
      await printLine(stdout, "no events: there is no outbox");
      return EXIT_CODES.success;
    }
    const desk = new OutboxDesk(file);
    try {
      for (const line of await perform(desk, action)) await printLine(stdout, line);
    } finally {
      desk.close();
    }
    return EXIT_CODES.success;
  },
};

function isAction(text: string): text is EventsAction {
  return ACTIONS.some((action) => action === text);
}

async function perform(desk: OutboxDesk, action: EventsAction): Promise<string[]> {
  switch (action) {
    case "list": {
      const backlogs = desk.backlogs().map(({ endpoint, pending, oldestMs }) => {
        const oldest = oldestMs === undefined ? {} : { oldest: new Date(oldestMs).toISOString() };
        return JSON.stringify({ endpoint, pending, ...oldest });
      });
      const dead = desk.deadLetters().map(({ id, endpoint, event, reason, tries, atMs }) => {
        const since = new Date(atMs).toISOString();
        return JSON.stringify({
          deadLetter: id,
          endpoint,
          reason,
          tries,
          since,
          event: JSON.parse(event),
        });
      });
      return [...backlogs, ...dead];
    }
    case "replay":
      return [`${await desk.replay()} events will be sent again`];
    case "drop":
      return [`${desk.drop()} events forgotten`];
  }
}
