import type { JobResult } from "../lib/model/result.js";
import { type Beside, NOTHING_BESIDE } from "./beside.js";
import { shares } from "./html/budget.js";
import { caseDetail } from "./html/case-detail.js";
import { caseTable } from "./html/case-table.js";
import { channelCostSection } from "./html/channel-cost.js";
import { escapeHtml } from "./html/escape.js";
import { matrixOf } from "./html/grid.js";
import { head } from "./html/head.js";
import { page } from "./html/page.js";
import { SCRIPT } from "./html/script.js";
import { wrongs } from "./html/wrong.js";
import { wentWrong } from "./summary.js";

const OPENED = 5;

/**
 * The job as one page that needs nothing beside it: what went wrong first, then the matrix, every case in a line, and every
 * case in full. It only points to what lies beside it. The browser is forbidden to load anything, and to run or apply anything but our one script and style.
 */
export function renderHtml(job: JobResult, { cases, alone }: Beside = NOTHING_BESIDE): string {
  const shareOf = shares(job.cases);
  const matrix = matrixOf(job);
  let opened = 0;
  const isOpen = (isWrong: boolean): boolean => {
    if (isWrong) opened += 1;
    return isWrong && opened <= OPENED;
  };
  return page(
    `migstorm ${job.jobId.slice(-7)}: ${job.cases.filter(wentWrong).length} of ${job.cases.length} went wrong`,
    [
      head(job),
      "<main>",
      ...(alone === undefined ? [] : [`<p class=more>${escapeHtml(alone)}</p>`]),
      wrongs(job),
      matrix.section,
      caseTable(job, matrix),
      channelCostSection(job),
      "<section aria-labelledby=full><h2 id=full>Each case in full</h2>",
      "<p class=js hidden><button type=button data-all=open>Open all</button> <button type=button data-all=close>Close all</button></p>",
      ...job.cases.map((result, index) =>
        caseDetail(result, index + 1, shareOf(result), {
          isOpen: isOpen(wentWrong(result)),
          isAlone: alone !== undefined,
          beside: cases.get(result.case.id),
        }),
      ),
      "</section></main>",
    ],
    SCRIPT,
  );
}
