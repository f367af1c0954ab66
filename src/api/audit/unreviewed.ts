import type { Baseline } from '../../baseline/baseline.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';

/** Warnings that baselines still have `review` marks: what they document is partly a guess, and so is the verdict. */
export function unreviewed(baselines: readonly Baseline[]): Diagnostic[] {
  return baselines.flatMap(({ id, review, rows, source }): Diagnostic[] => {
    const waiting = rows.filter((row) => row.review.length > 0);
    const span = review[0]?.span ?? waiting[0]?.origin;
    if (span === undefined) return [];
    const what =
      waiting.length === 0
        ? 'still waits for a decision about the whole document'
        : `still has ${waiting.length === 1 ? 'a row' : `${waiting.length} rows`} that nobody has reviewed`;
    return [
      {
        severity: 'warning',
        code: 'unreviewed-baseline',
        message: `The baseline \`${id}\` ${what}; the verdict leans on guesses.`,
        span,
        help: `\`postern baseline validate ${source.path}\` lists them.`,
      },
    ];
  });
}
