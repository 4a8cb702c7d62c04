import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, rawProblemsOf } from "../_loading.ts";

function storage(text: string): string {
  return `${BASE}middleware: {storage: [${text}]}`;
}

const CLOUDFRONT = "baseurl: https://cdn, privatekey: /k, keypairid: i";

Deno.test("resolveMiddleware reads redirect and rewrite in their order", () => {
  const text = storage(`{name: redirect, options: {baseurl: "https://cdn.example.com/x"}},
    {name: rewrite, options: {scheme: https, host: h, trimpathprefix: /p}}, {name: rewrite}`);
  assertEquals(configOf(text).middleware, {
    registry: [],
    repository: [],
    storage: [
      { name: "redirect", baseUrl: "https://cdn.example.com/x" },
      { name: "rewrite", scheme: "https", host: "h", trimPathPrefix: "/p" },
      { name: "rewrite", scheme: "", host: "", trimPathPrefix: "" },
    ],
  });
});

Deno.test("resolveMiddleware fills in the defaults of cloudfront", () => {
  const text = storage(`{name: cloudfront, options: {${CLOUDFRONT}}}`);
  assertEquals(configOf(text).middleware.storage, [{
    name: "cloudfront",
    baseUrl: "https://cdn",
    privateKey: "/k",
    keyPairId: "i",
    durationMs: 1_200_000,
    updateFrequencyMs: 43_200_000,
    ipRangesUrl: "https://ip-ranges.amazonaws.com/ip-ranges.json",
    ipFilteredBy: "none",
    awsRegions: [],
  }]);
});

Deno.test("resolveMiddleware reads every key of cloudfront", () => {
  const text = storage(`{name: cloudfront, options: {${CLOUDFRONT}, duration: 1h,
    updatefrequency: 2h, iprangesurl: "http://r", ipfilteredby: awsregion,
    awsregion: "us-east-1, eu-west-1"}}`);
  const [config] = configOf(text).middleware.storage;
  assertEquals(config?.name === "cloudfront" && config.awsRegions, ["us-east-1", "eu-west-1"]);
  assertEquals(config?.name === "cloudfront" && config.durationMs, 3_600_000);
  assertEquals(config?.name === "cloudfront" && config.ipRangesUrl, "http://r");
});

Deno.test("resolveMiddleware leaves out what is disabled, whatever it is", () => {
  const text = storage("{name: redirect, disabled: true}, {name: nosuch, disabled: true}");
  assertEquals(configOf(text).middleware.storage, []);
});

Deno.test("resolveMiddleware refuses names that do not exist", () => {
  const text = `${BASE}middleware:
  registry: [{name: a}]
  repository: [{name: b}]
  storage: [{name: c}, {options: {}}]
`;
  assertEquals(rawProblemsOf(text).map(({ path }) => path), [
    "middleware.storage[1].name",
    "middleware.registry[0].name",
    "middleware.repository[0].name",
    "middleware.storage[0].name",
  ]);
});

Deno.test("resolveMiddleware tells what a middleware lacks", () => {
  const text = storage(`{name: redirect, options: {baseurl: cdn}},
    {name: cloudfront, options: {ipfilteredby: awsregion}}`);
  assertEquals(problemsOf(text), [
    "middleware.storage[0].options.baseurl: Give a URL with scheme and host, such as " +
    '"https://cdn.example.com": redirect needs it',
    "middleware.storage[1].options.baseurl: Add the missing key: cloudfront needs it",
    "middleware.storage[1].options.privatekey: Add the missing key: cloudfront needs it",
    "middleware.storage[1].options.keypairid: Add the missing key: cloudfront needs it",
    "middleware.storage[1].options.awsregion: Add the regions by which ipfilteredby: awsregion " +
    "is to filter",
  ]);
});
