import type { Report, Severity } from '../finding/report.ts';
import { allFindings, anchorOf, type HostFinding, splitWaived } from './all-findings.ts';
import { plainPath } from './sarif/uri.ts';
import { familiesNotAssessed, namedUndetermined, unreviewedBaselines } from './not-looked-at.ts';
import { visible } from './visible.ts';
import { count } from './wrap.ts';

type Command = 'error' | 'warning' | 'notice';

const COMMANDS: Readonly<Record<Severity, Command>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'notice',
  info: 'notice',
};

/** GitHub keeps this many annotations of a type for one step and drops the rest without a word. */
const EACH = 10;
/** One notice is kept for what is left out. */
const NOTICES = EACH - 1;
/** Characters of one message; GitHub cuts longer ones, and nobody reads them beside a diff. */
const LONGEST = 1000;

/**
 * The report as workflow commands that annotate the lines of a pull request ("Workflow commands for GitHub Actions"), for
 * standard output of a step. Within GitHub's limits: ten errors, ten warnings and ten notices for a step; the last notice
 * says how many findings have no annotation.
 */
export function* githubChunks(report: Report): Generator<string> {
  const { open: all, waived } = splitWaived(allFindings(report));
  const open = all.filter(({ finding }) => finding.known !== true);
  const known = all.length - open.length;
  const shown: Record<Command, number> = { error: 0, warning: 0, notice: 0 };
  let leftOut = 0;
  for (const one of open) {
    const command = COMMANDS[one.finding.severity];
    if (shown[command] >= (command === 'notice' ? NOTICES : EACH)) leftOut++;
    else {
      shown[command]++;
      yield annotation(report, command, one);
    }
  }
  const { undetermined } = report.summary;
  const rest = [
    ...(leftOut > 0
      ? [`${count(leftOut, 'more finding')} without an annotation, as GitHub takes ${EACH} of a type`]
      : []),
    ...(waived.length > 0 ? [`${count(waived.length, 'finding')} waived`] : []),
    ...(known > 0 ? [`${count(known, 'known finding')}`] : []),
    ...familiesNotAssessed(report),
    ...unreviewedBaselines(report),
    // Last, as its reasons may be longer than a message.
    ...(undetermined > 0
      ? [`${count(undetermined, 'connection')} undetermined${namedUndetermined(report.hosts)}`]
      : []),
  ];
  if (rest.length > 0) yield `::notice title=postern::${data(`${rest.join('; ')}.`)}\n`;
}

function annotation(report: Report, command: Command, { host, finding }: HostFinding): string {
  const place = anchorOf(report, finding);
  const properties = [
    `file=${property(plainPath(place.file))}`,
    `line=${place.line}`,
    ...(place.column === undefined ? [] : [`col=${place.column}`]),
    `title=${property(`postern: ${finding.severity} ${finding.rule} (${host.name})`)}`,
  ];
  return `::${command} ${properties.join(',')}::${data(finding.message)}\n`;
}

/** A command's message: visible, on one line, and `%` as what it is (the runner decodes `%25`, `%0D`, `%0A`). */
function data(text: string): string {
  const cut = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return visible(cut).replaceAll('%', '%25');
}

/** A command's property, where `:` and `,` end it. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
