import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { applyChanges, DriverError } from "../../src/drivers/driver.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { Links, readLink, toLink } from "../../src/storage/links.ts";
import { layerLinkPath } from "../../src/storage/paths.ts";
import { dieAfter, DriverDouble, filesOf, messages, recordLog, SILENT } from "./_doubles.ts";

const CONTENT = toBytes("some content");
const CANONICAL = digestBytes(CONTENT);
const ALIAS = digestBytes(CONTENT, "sha512");
const OTHER = digestBytes(toBytes("other content"));
const ALIASED = { canonical: CANONICAL, digest: ALIAS };
const PLAIN = { canonical: CANONICAL, digest: CANONICAL };

function linksOn(driver: DriverDouble): Links {
  return new Links(driver, layerLinkPath, SILENT);
}

Deno.test("Links.add puts content into one repository, as Distribution does", async () => {
  const driver = new DriverDouble();
  const links = linksOn(driver);

  await links.add("foo", ALIASED);

  assertEquals(await links.resolve("foo", CANONICAL), CANONICAL);
  assertEquals(await links.resolve("foo", ALIAS), CANONICAL);
  assertEquals(await links.resolve("bar", CANONICAL), undefined);
  assertEquals(await links.resolve("foo", OTHER), undefined);
  assertEquals(await filesOf(driver), {
    [layerLinkPath("foo", CANONICAL)]: CANONICAL,
    [layerLinkPath("foo", ALIAS)]: CANONICAL,
  });
});

Deno.test("Links.add that was cut short leaves no alias without its content", async () => {
  const driver = new DriverDouble();
  dieAfter(driver, 1);

  await assertRejects(() => linksOn(driver).add("foo", ALIASED), DriverError);

  driver.before = () => {};
  assertEquals(await linksOn(driver).resolve("foo", CANONICAL), CANONICAL);
  assertEquals(await linksOn(driver).resolve("foo", ALIAS), undefined);
});

Deno.test("Links.add writes no link anew that is there", async () => {
  const driver = new DriverDouble();
  const links = linksOn(driver);
  await links.add("foo", ALIASED);
  const { length } = driver.changes;

  await links.add("foo", ALIASED);
  await links.add("foo", PLAIN);

  assertEquals(driver.changes.length, length);
});

Deno.test("Links.remove takes content out under all its digests", async () => {
  for (const digests of [PLAIN, ALIASED]) {
    const driver = new DriverDouble();
    const links = linksOn(driver);
    await links.add("foo", ALIASED);
    await links.add("bar", ALIASED);

    await links.remove("foo", digests);
    await links.remove("foo", digests);

    assertEquals(await links.resolve("foo", CANONICAL), undefined);
    assertEquals(await links.resolve("foo", ALIAS), undefined);
    assertEquals(await links.resolve("bar", ALIAS), CANONICAL);
  }
});

Deno.test("Links.remove that was cut short has removed all digests at once", async () => {
  const driver = new DriverDouble();
  await linksOn(driver).add("foo", ALIASED);
  dieAfter(driver, 1);

  await assertRejects(() => linksOn(driver).remove("foo", ALIASED), DriverError);

  driver.before = () => {};
  assertEquals(await linksOn(driver).resolve("foo", CANONICAL), undefined);
  assertEquals(await linksOn(driver).resolve("foo", ALIAS), undefined);
});

Deno.test("Links.resolve lets an alias count only while the canonical link says the same", async () => {
  const driver = new DriverDouble();
  const links = linksOn(driver);
  await links.add("foo", ALIASED);

  await driver.putContent(layerLinkPath("foo", CANONICAL), toBytes(OTHER));

  assertEquals(await links.resolve("foo", ALIAS), undefined);
});

Deno.test("readLink passes over what is no digest, and tells the operator", async () => {
  const driver = new DriverDouble();
  const { log, records } = recordLog();

  for (const text of ["", "sha256:00", `${CANONICAL}\n`, "\u0000", "x".repeat(1000)]) {
    await driver.putContent("/link", toBytes(text));
    assertEquals(await readLink(driver, "/link", log), undefined);
    assertEquals(messages(records.splice(0)), ["warning: ignored a damaged link"]);
  }
  assertEquals(await readLink(driver, "/missing", log), undefined);
  assertEquals(records, []);
});

Deno.test("toLink mends a damaged link", async () => {
  const driver = new DriverDouble();
  await driver.putContent("/link", toBytes("sha256:"));

  await applyChanges(driver, await toLink(driver, "/link", CANONICAL));

  assertEquals(await readLink(driver, "/link", SILENT), CANONICAL);
});
