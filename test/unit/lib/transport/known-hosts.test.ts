import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { fingerprintOf, hostKeyCheck } from "../../../../lib/transport/host-key.js";
import { knownHostsLine, knownKeys } from "../../../../lib/transport/known-hosts.js";

const KEY = Buffer.from("a key").toString("base64");
const OTHER = Buffer.from("another key").toString("base64");
const hashed = (name: string): string => {
  const salt = Buffer.from("twenty bytes of salt");
  return `|1|${salt.toString("base64")}|${createHmac("sha1", salt).update(name).digest("base64")}`;
};

describe("a line that is written of a key", () => {
  const type = Buffer.from("ssh-ed25519");
  const key = Buffer.concat([Buffer.from([0, 0, 0, type.length]), type, Buffer.from("the rest")]);
  for (const port of [22, 2222])
    it(`is read back as that key, with port ${port}`, () => {
      const trusted = [{ keyType: "ssh-ed25519", key: key.toString("base64") }];
      assert.deepEqual(knownKeys(knownHostsLine("192.0.2.1", port, key), "192.0.2.1", port).trusted, trusted);
      assert.deepEqual(knownKeys(knownHostsLine("192.0.2.1", port, key), "192.0.2.2", port).trusted, []);
    });
  it("is no trust where the key is cut", () =>
    assert.deepEqual(knownKeys(knownHostsLine("h1", 22, Buffer.from([0])), "h1", 22).trusted[0]?.keyType ?? "", ""));
});

describe("knownKeys", () => {
  const table: [string, string, string, number, boolean][] = [
    ["a plain name", "h1", "h1", 22, true],
    ["a name in other case", "H1.Example", "h1.example", 22, true],
    ["a list", "h0,h1", "h1", 22, true],
    ["a wildcard", "*.lab", "h1.lab", 22, true],
    ["a wildcard with an exception", "*.lab,!h1.lab", "h1.lab", 22, false],
    ["a question mark", "h?", "h1", 22, true],
    ["another name", "h2", "h1", 22, false],
    ["a port", "[h1]:2222", "h1", 2222, true],
    ["another port", "[h1]:2223", "h1", 2222, false],
    ["a port, where only the name is known", "h1", "h1", 2222, true],
    ["the usual port in brackets", "[h1]:22", "h1", 22, false],
    ["a hash", hashed("h1"), "h1", 22, true],
    ["a hash with a port", hashed("[h1]:2222"), "h1", 2222, true],
    ["a hash of another", hashed("h2"), "h1", 22, false],
    ["brackets are no wildcard", "[abc]", "a", 22, false],
  ];
  for (const [name, patterns, address, port, found] of table)
    it(`${name}: ${found ? "known" : "unknown"}`, () =>
      assert.equal(
        knownKeys(`# comment\n\n${patterns} ssh-ed25519 ${KEY} someone\n`, address, port).trusted.length === 1,
        found,
      ));

  it("keeps markers apart", () => {
    const text = `@revoked h1 ssh-ed25519 ${KEY}\n@cert-authority h1 ssh-ed25519 ${OTHER}\n@strange h1 ssh-ed25519 ${KEY}\n`;
    assert.deepEqual(knownKeys(text, "h1", 22), { trusted: [], revoked: [KEY], hasAuthority: true });
  });
  it("never throws, and trusts nothing it did not read", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        for (const { key } of knownKeys(text, "h1", 22).trusted) assert.ok(text.includes(key));
      }),
    );
  });
  it("stays quick on hostile patterns", () => {
    const startMs = performance.now();
    knownKeys(`${"*a".repeat(5_000)}b ssh-ed25519 ${KEY}`, "a".repeat(255), 22);
    assert.ok(performance.now() - startMs < 3_000);
  });
});

describe("hostKeyCheck", () => {
  const machine = { name: "h1", address: "h1", port: 22 };
  const refusalWith = async (text: string, key = KEY): Promise<string | undefined> => {
    const path = join(await mkdtemp(join(tmpdir(), "known-")), "known_hosts");
    await writeFile(path, text);
    return (await hostKeyCheck({ ...machine, knownHosts: path })).refusal(Buffer.from(key, "base64"));
  };

  it("lets a known key in", async () => assert.equal(await refusalWith(`h1 ssh-ed25519 ${KEY}\n`), undefined));
  it("names both fingerprints of a changed key", async () => {
    const text = (await refusalWith(`h1 ssh-ed25519 ${OTHER}\n`)) ?? "";
    assert.ok(text.includes(fingerprintOf(Buffer.from(KEY, "base64"))));
    assert.ok(text.includes(fingerprintOf(Buffer.from(OTHER, "base64"))));
  });
  it("refuses an unknown key and says what to do", async () =>
    assert.match((await refusalWith("")) ?? "", /does not know h1.*pin it as `hostKey`/));
  it("refuses a revoked key even where it is also trusted", async () =>
    assert.match((await refusalWith(`h1 ssh-ed25519 ${KEY}\n@revoked * ssh-ed25519 ${KEY}\n`)) ?? "", /revoked/));
  it("says that it cannot check certificates", async () =>
    assert.match((await refusalWith(`@cert-authority h1 ssh-ed25519 ${OTHER}\n`)) ?? "", /certificate/));
  it("asks for the kind of key that is known", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "known-")), "known_hosts");
    await writeFile(path, `h1 ssh-rsa ${KEY}\n`);
    assert.deepEqual((await hostKeyCheck({ ...machine, knownHosts: path })).keyTypes, [
      ["rsa-sha2-512", "rsa-sha2-256"],
    ]);
  });
  it("cannot do without the file", async () =>
    assert.rejects(hostKeyCheck({ ...machine, knownHosts: "/nowhere/known_hosts" }), { code: "unreachable" }));
});
