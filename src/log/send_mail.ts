import type { MailHookConfig } from "../config/config.ts";

/** A mail. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** Sends a mail. */
export type SendMail = (mail: Mail) => Promise<void>;

/** How long a mail server may stay silent, in milliseconds. */
const SILENCE_MS = 15_000;

/** The port on which TLS begins at once: RFC 8314. */
const SMTPS_PORT = 465;

/** Machines to which a password may go unencrypted, as in Go. */
const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/**
 * Makes what sends mails through a mail server. The library is loaded by the first mail. TLS is
 * used where the server offers it; without it no password is sent to another machine.
 */
export function createMailer({ addr, username, password }: MailHookConfig["smtp"]): SendMail {
  const colon = addr.lastIndexOf(":");
  const host = addr.slice(0, colon);
  const port = Number(addr.slice(colon + 1));
  const login = username === undefined ? {} : {
    auth: { user: username, pass: password ?? "" },
    authMethod: "PLAIN",
    requireTLS: !LOCAL_HOSTS.has(host),
  };
  const settings = {
    host,
    port,
    secure: port === SMTPS_PORT,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...login,
  };
  return async function send(mail) {
    const { createTransport } = await import("nodemailer");
    const transport = createTransport(settings);
    try {
      await transport.sendMail({ ...mail, to: [...mail.to] });
    } finally {
      transport.close();
    }
  };
}
