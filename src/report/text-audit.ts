import type { InlineUse, Report, WaiverReport } from '../finding/report.ts';
import type { Style } from './style.ts';
import { visible } from './visible.ts';
import { count, wrap } from './wrap.ts';

/** Stale entries that are named; the JSON report has all. */
const NAMED = 20;

/** What people have decided and what was found before, below the hosts; empty where nothing was given. */
export function auditLines(report: Report, style: Style, width: number): string[] {
  const parts = [
    waiverLines(report, style, width),
    inlineLines(report.inline, style, width),
    knownLines(report.known, style, width),
    previousLines(report.previous, style),
  ];
  return parts.flatMap((lines) => (lines.length === 0 ? [] : [...lines, '']));
}

function waiverLines({ waivers, waiverFile, asOf }: Report, style: Style, width: number): string[] {
  if (waivers === undefined) return [];
  const from = waiverFile === undefined ? '' : ` of ${visible(waiverFile.path)}`;
  const day = asOf === undefined ? '' : ` as of ${asOf}`;
  return [
    style.bold(`${count(waivers.length, 'waiver')}${from}${day}`),
    ...waivers.flatMap((one) => waiver(one, width)),
  ];
}

function waiver(one: WaiverReport, width: number): string[] {
  const { id, status, expires, daysLeft, owner, approver, findings, reason, problem } = one;
  const left = daysLeft === undefined || daysLeft < 0 ? '' : `, ${count(daysLeft, 'day')} left`;
  const state = problem === undefined ? status : `${status} (${problem})`;
  const text = `${state}, expires ${expires}${left}; owner ${owner}, approved by ${approver}; ${count(findings.length, 'finding')}: ${reason}`;
  return entry(id, text, width);
}

/** A name on a line of its own, for it may be long, and what there is to say below it. */
function entry(name: string, text: string, width: number): string[] {
  return [`  ${visible(name)}`, ...wrap(visible(text), width - 6).map((line) => `      ${line}`)];
}

function inlineLines(uses: readonly InlineUse[] | undefined, style: Style, width: number): string[] {
  if (uses === undefined) return [];
  const lines = uses.map((use) => {
    const what =
      use.kind === 'unreadable' ? 'postern:' : `postern:${use.kind} ${use.rule ?? use.connection ?? ''}`;
    const why = [use.reason, use.problem].filter((text) => text !== undefined).join('; ');
    const text = `${what}: ${use.status} on ${use.host}${why === '' ? '' : `: ${why}`}`;
    return entry(`${use.file}:${use.line}`, text, width);
  });
  return [style.bold(`${count(uses.length, 'comment')} in configs to postern`), ...lines.flat()];
}

function knownLines(known: Report['known'], style: Style, width: number): string[] {
  if (known === undefined) return [];
  const { path, matched, stale } = known;
  const head = `${count(matched, 'known finding')} of ${visible(path)}; ${stale.length} no longer there`;
  const lines = stale
    .slice(0, NAMED)
    .flatMap(({ fingerprint, host, rule, message }) =>
      entry(fingerprint.slice(0, 12), `${rule} on ${host}: ${message}`, width),
    );
  const more = stale.length > NAMED ? [`  and ${stale.length - NAMED} more; the JSON report lists all`] : [];
  return [style.bold(head), ...lines, ...more];
}

function previousLines(previous: Report['previous'], style: Style): string[] {
  if (previous === undefined) return [];
  const { path, gone, unchanged } = previous;
  const since = path === undefined ? 'the earlier report' : visible(path);
  return [
    style.bold(`since ${since}: ${previous.new.length} new, ${gone.length} gone, ${unchanged} unchanged`),
  ];
}
