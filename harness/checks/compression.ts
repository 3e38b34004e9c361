import type { MigrationRecord } from "../../lib/model/migration.js";
import type { Check } from "./check.js";
import { conclude, error, type Finding, named } from "./findings.js";

/**
 * XBZRLE was in use: libvirt tells of a cache, and that pages were looked for in it. A migration of one pass only has no page
 * that was sent before, so there is nothing to compress: that is ERROR too, for it shows nothing of XBZRLE.
 */
export const compression: Check = ({ migrations }) => {
  const completed = migrations.filter(({ outcome }) => outcome === "completed");
  const sum = (of: (record: MigrationRecord) => number | undefined): number =>
    completed.reduce((total, record) => total + (of(record) ?? 0), 0);
  return conclude("compression", completed.length, completed.flatMap(judge), "XBZRLE was in use in every migration", {
    compressedPages: sum(({ stats }) => stats?.compressionPages),
    compressedBytes: sum(({ stats }) => stats?.compressionBytes),
    cacheMisses: sum(({ stats }) => stats?.compressionCacheMisses),
  });
};

function judge(record: MigrationRecord): Finding[] {
  const name = named(record);
  const { compressionCacheBytes, compressionPages = 0, compressionCacheMisses = 0 } = record.stats ?? {};
  if (compressionCacheBytes === undefined) return [error(`${name}: libvirt tells nothing of a compression`)];
  if (compressionCacheBytes === 0) return [error(`${name}: XBZRLE has a cache of 0 bytes: it was off`)];
  if (compressionPages + compressionCacheMisses > 0) return [];
  return [error(`${name}: no page was looked for in the cache of XBZRLE`)];
}
