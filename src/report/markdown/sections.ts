import type { ControlsReport, HostReport, Report, RequirementEvidence } from '../../finding/report.ts';
import { connectionNames } from '../connection-name.ts';
import { directionWords, OPEN_DIRECTION } from '../directions.ts';
import { unreviewedBaselines } from '../not-looked-at.ts';
import { count } from '../wrap.ts';
import { cellCode, code, table } from './text.ts';

/** Lines not taken exactly as written that are told one by one. */
const COVERAGE = 100;

/** What the report can't say: families that were not assessed, roles that nothing binds, and lines that are not modelled. */
export function limitsBlocks(report: Report): string[] {
  const hosts = [
    ...unreviewedBaselines(report).map((text) => `- ${code(text)}`),
    ...report.hosts.flatMap((host) => hostLimits(host)),
  ];
  const coverage = coverageText(report);
  if (hosts.length === 0 && coverage === '') return [];
  return ['## Limits\n\n', ...(hosts.length === 0 ? [] : [`${hosts.join('\n')}\n\n`]), coverage];
}

function hostLimits(host: HostReport): string[] {
  const out: string[] = [];
  for (const [family, name] of [
    ['ipv4', 'IPv4'],
    ['ipv6', 'IPv6'],
  ] as const) {
    if (host.families[family] === 'not-assessed')
      out.push(`- ${code(host.name)}: ${name} was not assessed, so it is neither open nor closed here`);
  }
  const open = directionWords(host)?.open ?? [];
  if (open.length > 0)
    out.push(
      `- ${code(host.name)}: excess was not looked for in these directions: ${open.map(code).join(', ')}. ${OPEN_DIRECTION}`,
    );
  if (host.unbound.length > 0)
    out.push(
      `- ${code(host.name)}: unbound roles, towards which openings could not be judged: ${host.unbound.map(code).join(', ')}`,
    );
  const name = connectionNames(host);
  for (const connection of host.connections) {
    const { status, direction, reason } = connection;
    if (status === 'undetermined')
      out.push(
        `- ${code(host.name)}: undetermined ${code(`${name(connection)} (${direction})`)}${reason === undefined ? '' : `: ${code(reason)}`}`,
      );
  }
  return out;
}

function coverageText({ coverage }: Report): string {
  if (coverage.length === 0) return '';
  const rows = coverage
    .slice(0, COVERAGE)
    .map(({ file, line, status, text, reason }) => [
      cellCode(`${file}:${line}`),
      status,
      cellCode(text),
      cellCode(reason),
    ]);
  const rest = coverage.length - rows.length;
  const more = rest > 0 ? `and ${count(rest, 'more line')}; the JSON report lists all.\n\n` : '';
  return `${count(coverage.length, 'line')} not taken exactly as written:\n\n${table(['line', 'status', 'text', 'reason'], rows)}${more}`;
}

/** The waivers with what became of them. */
export function waiversBlock(report: Report): string {
  const rows = (report.waivers ?? []).map((w) => [
    cellCode(w.id),
    w.problem === undefined ? w.status : `${w.status}: ${cellCode(w.problem)}`,
    cellCode(w.owner),
    cellCode(w.approver),
    cellCode(w.expires),
    w.daysLeft === undefined ? '' : String(w.daysLeft),
    cellCode([w.reason, w.ticket].filter((part) => part !== undefined).join('; ')),
    String(w.findings.length),
  ]);
  if (rows.length === 0) return '';
  const head = ['waiver', 'status', 'owner', 'approver', 'expires', 'days left', 'reason', 'findings'];
  return `## Waivers\n\n${table(head, rows)}`;
}

/** The comments in configs that speak to postern, with what became of them. */
export function inlineBlock(report: Report): string {
  if (report.inline === undefined) return '';
  const rows = report.inline.map((use) => [
    cellCode(`${use.file}:${use.line}`),
    cellCode(use.host),
    use.kind,
    optional(use.rule ?? use.connection ?? ''),
    use.status,
    optional([use.reason, use.problem].filter((part) => part !== undefined).join('; ')),
  ]);
  if (rows.length === 0) return '';
  return `## Comments in configs\n\n${table(['line', 'host', 'asks', 'about', 'status', 'why'], rows)}`;
}

const optional = (text: string): string => (text === '' ? '' : cellCode(text));

/** The known findings that are there no more. */
export function knownBlock(report: Report): string {
  if (report.known === undefined) return '';
  const { matched, stale } = report.known;
  const rows = stale
    .slice(0, COVERAGE)
    .map((one) => [
      cellCode(one.fingerprint.slice(0, 12)),
      cellCode(one.host),
      cellCode(one.rule),
      cellCode(one.message),
    ]);
  const list = rows.length === 0 ? '' : table(['fingerprint', 'host', 'rule', 'finding'], rows);
  return `## Known findings\n\n${count(matched, 'finding')} known; ${stale.length} of the file no longer there.\n\n${list}`;
}

/** The requirements that something in the report evidences. */
export function controlsBlock(report: Report): string {
  if (report.controls === undefined) return '';
  const rows = rowsOf(report.controls);
  if (rows.length === 0) return '';
  const said =
    'What the findings and satisfied rows evidence, and how directly. Whether a requirement is met is for an assessor to say.';
  return `## Controls\n\n${said}\n\n${table(['framework', 'requirement', 'evidence of a shortfall', 'evidence that it is met, as far as it goes'], rows)}`;
}

function rowsOf(controls: ControlsReport): string[][] {
  return controls.frameworks.flatMap((framework) =>
    framework.requirements
      .filter((requirement) => requirement.against.length + requirement.for.length > 0)
      .map((requirement) => [
        `${framework.title} ${framework.version}`,
        `${requirement.id}: ${requirement.asks}`,
        againstText(requirement),
        requirement.for
          .map(({ state, strength, connections }) => `${strength}: ${count(connections, 'row')} ${state}`)
          .join('; '),
      ]),
  );
}

function againstText({ against }: RequirementEvidence): string {
  return against
    .map(({ rule, strength, findings, waived }) => {
      const aside = waived === 0 ? '' : ` (${waived} waived)`;
      return `${strength}: ${findings} ${cellCode(rule)}${aside}`;
    })
    .join('; ');
}
