import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

interface Locked {
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
type Packages = Readonly<Record<string, Locked>>;

/** What packages ask for that has no entry of its own. `npm ci` refuses such a file, for other systems' packages too. */
function lacking(packages: Packages): string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, devDependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${path || "this project"} asks for ${name}`),
  );
}

/** Node looks in the package's own folder first, then in every one above it. */
function isLocked(packages: Packages, path: string, name: string): boolean {
  if (packages[join(path, "node_modules", name)] !== undefined) return true;
  if (path === "") return false;
  return isLocked(packages, path.slice(0, Math.max(0, path.lastIndexOf("/node_modules/"))), name);
}

describe("the lock file", () => {
  const file = resolve(import.meta.dirname, "../../package-lock.json");
  const { packages }: { packages: Packages } = JSON.parse(readFileSync(file, "utf8"));

  it("has every package that another asks for, also those for other systems", () => {
    assert.ok(Object.keys(packages).length > 100);
    assert.deepEqual(lacking(packages), []);
  });
  it("names no registry", () => {
    assert.deepEqual(
      Object.keys(packages).filter((path) => packages[path]?.resolved !== undefined),
      [],
    );
  });
  it("is seen to lack one", () => {
    const without = Object.entries(packages).filter(([path]) => !path.endsWith("/cli-darwin-arm64"));
    assert.deepEqual(lacking(Object.fromEntries(without)), [
      "node_modules/@biomejs/biome asks for @biomejs/cli-darwin-arm64",
    ]);
  });
});
