import { assertEquals, assertRejects } from "@std/assert";
import { createMailer } from "../../src/log/send_mail.ts";
import { MailServer } from "./_mail_server.ts";

const MAIL = {
  from: "registry@example.test",
  to: ["a@example.test", "b@example.test"],
  subject: "[error] mail.test: response completed with error",
  text: "first\n\nerr.code: unknown\n.\nÄ",
};

Deno.test("createMailer hands a mail to a server, for every recipient", async () => {
  await using server = await MailServer.start();

  await createMailer({ addr: server.addr, insecure: false })(MAIL);

  const [mail] = server.mails;
  assertEquals(mail?.from, MAIL.from);
  assertEquals(mail?.to, MAIL.to);
  assertEquals(mail?.login, "");
  assertEquals(mail?.headers["subject"], MAIL.subject);
  assertEquals(mail?.headers["to"], "a@example.test, b@example.test");
  assertEquals(mail?.headers["content-type"], "text/plain; charset=utf-8");
});

Deno.test("createMailer signs in where it is told how", async () => {
  await using server = await MailServer.start();

  await createMailer({ addr: server.addr, username: "me", password: "hush", insecure: false })(
    MAIL,
  );

  assertEquals(server.mails.map(({ login }) => login), ["PLAIN me hush"]);
});

Deno.test("createMailer lets no line of a client become a header", async () => {
  await using server = await MailServer.start();

  const subject = "[error] x: a\r\nBcc: evil@example.test\r\n\r\nbody";
  await createMailer({ addr: server.addr, insecure: false })({ ...MAIL, subject });

  const [mail] = server.mails;
  assertEquals(mail?.to, MAIL.to);
  assertEquals(mail?.headers["bcc"], undefined);
});

Deno.test("createMailer fails where nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();

  await assertRejects(() => createMailer({ addr: `127.0.0.1:${port}`, insecure: false })(MAIL));
});
