import { z } from "zod";
import { DOMAIN_STATES } from "./migration.js";

/** `kept` of a case in `results.json`. */
export const keptSchema = z
  .object({
    hosts: z.array(z.string()),
    until: z.iso.datetime().describe("ISO 8601 UTC: until then nobody else is to have them."),
    guests: z.array(
      z.object({
        guest: z.string(),
        places: z
          .array(z.object({ host: z.string(), state: z.enum([...DOMAIN_STATES, "absent"]) }))
          .describe("Where libvirt knew it then; empty: nowhere, or nobody could say."),
        address: z.string().exactOptional(),
      }),
    ),
  })
  .describe("The hosts were left as the case left them (--keep-on-failure); absent: they were put back.");
