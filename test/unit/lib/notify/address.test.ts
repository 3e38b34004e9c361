import assert from "node:assert/strict";
import { HarnessError } from "../../../../lib/errors.js";
import { hideWebhook, webhookUrl } from "../../../../lib/notify/address.js";
import { redact } from "../../../../lib/redact.js";

const URL_OF = (secret: string): string => `https://hooks.example/services/T0/${secret}?x=1`;
const title = process.title;

describe("the address of a webhook", () => {
  after(() => {
    process.title = title;
  });

  it("is MIGSTORM_NOTIFY, the variable that is named, or a URL, and is a secret from then on", () => {
    const [one, two, three] = ["first-secret-000", "second-secret-00", "third-secret-000"].map(URL_OF) as [
      string,
      string,
      string,
    ];
    const env = { MIGSTORM_NOTIFY: one, HOOK: two };
    assert.equal(webhookUrl(undefined, env), one);
    assert.equal(webhookUrl("$HOOK", env), two);
    assert.equal(webhookUrl(three, {}), three);
    for (const url of [one, two, three]) {
      assert.equal(redact(`POST ${url} failed`), "POST *** failed");
      assert.equal(redact(`path ${new URL(url).pathname}`), "path ***");
    }
  });

  it("is a secret in each of its parts that may be one, as it stands there and decoded", () => {
    webhookUrl("https://robot%3Dof%3Dthe%3Dteam:sixth%40secret-0000@h.example/a?token=seventh%2Fsecret-0&x=%zz", {});
    for (const part of [
      "robot=of=the=team",
      "robot%3Dof%3Dthe%3Dteam",
      "sixth@secret-0000",
      "sixth%40secret-0000",
      "seventh/secret-0",
      "seventh%2Fsecret-0",
    ])
      assert.equal(redact(`bad token ${part}.`), "bad token ***.");
    assert.equal(webhookUrl("https://h.example/%zz-is-no-encoding", {}), "https://h.example/%zz-is-no-encoding");
  });

  it("is handed on to no program that is started", () => {
    const env = { MIGSTORM_NOTIFY: URL_OF("fourth-secret-00") };
    webhookUrl(undefined, env);
    assert.deepEqual(env, {});
  });

  it("is out of the environment before any verb begins, a secret, and still to be had", () => {
    const url = URL_OF("fifth-secret-000");
    const [env, hidden] = [{ MIGSTORM_NOTIFY: ` ${url}`, HOME: "/root" }, {}];
    hideWebhook(env, hidden);
    assert.deepEqual(env, { HOME: "/root" });
    assert.equal(redact(`POST ${url}`), "POST ***");
    for (const given of [undefined, "MIGSTORM_NOTIFY"]) assert.equal(webhookUrl(given, env, hidden), url);
  });

  it("is nobody's where nothing is given, also when a CI server has no value for it", () => {
    assert.equal(webhookUrl(undefined, {}), undefined);
    assert.equal(webhookUrl(undefined, { MIGSTORM_NOTIFY: " " }), undefined);
  });

  it("blots out no everyday word of a path", () => {
    webhookUrl("http://127.0.0.1:9/run", {});
    assert.equal(redact("/run/libvirt"), "/run/libvirt");
  });

  for (const [what, given, env] of [
    ["no URL", "s3cr3t.example/hook", {}],
    ["another scheme", "ftp://s3cr3t.example/hook", {}],
    ["a URL that is none", "https://s3cr3t example", {}],
    ["a variable that is empty", "HOOK", { HOOK: "" }],
    ["a variable with something else", "HOOK", { HOOK: "s3cr3t" }],
    ["a default with something else", undefined, { MIGSTORM_NOTIFY: "s3cr3t" }],
  ] as const)
    it(`refuses ${what}, without quoting it`, () => {
      assert.throws(
        () => webhookUrl(given, { ...env }),
        (error: unknown) =>
          error instanceof HarnessError && error.code === "bad-input" && !error.message.includes("s3cr3t"),
      );
    });
});
