import type { Report } from '../finding/report.ts';
import { markdownBlocks } from './markdown/markdown.ts';
import { count } from './wrap.ts';

/** A step's summary holds one mebibyte; more is an error and shows nothing ("Workflow commands", step isolation and limits). */
const MAXIMUM_BYTES = 1024 * 1024;
/** Kept for the sentence that says what is left out. */
const RESERVE = 512;

const encoder = new TextEncoder();

/**
 * The report as a job summary of GitHub Actions: the Markdown report, as far as it goes into one mebibyte, the worst findings
 * first. What is left out is counted.
 */
export function* githubSummaryChunks(report: Report): Generator<string> {
  let bytes = 0;
  let findings = 0;
  let blocks = 0;
  let full = false;
  for (const block of markdownBlocks(report)) {
    const size = encoder.encode(block.text).length;
    if (!full && bytes + size <= MAXIMUM_BYTES - RESERVE) {
      bytes += size;
      yield block.text;
      continue;
    }
    // From the first block that does not fit, nothing is shown: a summary with holes would read as if it were whole.
    full = true;
    findings += block.findings;
    blocks++;
  }
  if (blocks === 0) return;
  const told = findings > 0 ? count(findings, 'more finding') : 'the rest of the report';
  yield `\n**This summary is cut: ${told} did not go into one mebibyte.** The other formats have all.\n`;
}
