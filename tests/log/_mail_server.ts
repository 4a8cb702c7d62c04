import { SMTPServer, type SMTPServerSession } from "smtp-server";

/** What a mail server was given. */
export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Who signed in, as `method user password`; empty for nobody. */
  readonly login: string;
  /** The headers, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A mail server in this process; it ends with the block that holds it. */
export class MailServer implements AsyncDisposable {
  readonly mails: ReceivedMail[] = [];
  readonly #server: SMTPServer;
  #login = "";
  #wake = () => {};

  private constructor() {
    this.#server = new SMTPServer({
      authOptional: true,
      authMethods: ["PLAIN"],
      allowInsecureAuth: true,
      hideSTARTTLS: true,
      logger: false,
      onAuth: ({ method, username, password }, _session, done) => {
        this.#login = `${method} ${username} ${password}`;
        done(null, { user: username });
      },
      onData: (stream, session, done) => {
        this.#receive(stream, session).then(() => done(null), done);
      },
    });
  }

  /** Starts one on a free port of 127.0.0.1. */
  static async start(): Promise<MailServer> {
    const server = new MailServer();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** `host:port`. */
  get addr(): string {
    const address = this.#server.server.address();
    return `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  /** Waits until so many mails have come. */
  async received(count: number): Promise<readonly ReceivedMail[]> {
    while (this.mails.length < count) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.mails;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #receive(stream: AsyncIterable<Uint8Array>, session: SMTPServerSession): Promise<void> {
    const decoder = new TextDecoder();
    let content = "";
    for await (const chunk of stream) content += decoder.decode(chunk, { stream: true });
    const [head = "", ...body] = content.replaceAll("\r\n", "\n").split("\n\n");
    const headers = head.replaceAll(/\n[ \t]+/g, " ").split("\n").map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    });
    const { mailFrom, rcptTo } = session.envelope;
    this.mails.push({
      from: mailFrom === false ? "" : mailFrom.address,
      to: rcptTo.map(({ address }) => address),
      login: this.#login,
      headers: Object.fromEntries(headers),
      text: body.join("\n\n").trimEnd(),
    });
    this.#wake();
  }
}
