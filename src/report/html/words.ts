import type { ConnectionStatus, Finding, Severity } from '../../finding/report.ts';
import { describeBriefly } from '../describe.ts';
import { html, type Html } from './template.ts';

export const FAMILY = { ipv4: 'IPv4', ipv6: 'IPv6' } as const;

const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Info',
};

/** Each state of a documented connection has a sign, a word and a colour: a reader who lacks one has the others. */
export const STATES: Readonly<Record<ConnectionStatus, { sign: string; word: string; tone: string }>> = {
  'prohibited-open': { sign: '‼', word: 'prohibited, and open', tone: 'bad' },
  missing: { sign: '✕', word: 'missing', tone: 'bad' },
  partial: { sign: '◐', word: 'partly open', tone: 'warn' },
  undetermined: { sign: '?', word: 'undetermined', tone: 'warn' },
  waived: { sign: '∅', word: 'waived', tone: 'quiet' },
  'not-applicable': { sign: '–', word: 'does not apply', tone: 'quiet' },
  satisfied: { sign: '✓', word: 'satisfied', tone: 'good' },
};

/** The order in which states are listed: what asks for attention first. */
export const STATE_ORDER = Object.keys(STATES) as readonly ConnectionStatus[];

/** A state with its sign. */
export function stateMark(status: ConnectionStatus): Html {
  const { sign, word, tone } = STATES[status];
  return html`<span class="state ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}

/** A severity as a labelled mark. */
export function severityMark(severity: Severity): Html {
  return html`<span class="sev ${severity}">${SEVERITY_WORDS[severity]}</span>`;
}

/** `3 hosts`, `1 host`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${thousands(n)} ${n === 1 ? noun : plural}`;
}

/** `12,345`, the same on every machine. */
export function thousands(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A file's digest, broken where a line may break. */
export function digest(sha256: string): Html {
  return html`<code class="digest">${sha256}</code>`;
}

/** Where all of what a page does not show stands. */
export const WHOLE = 'The JSON report of the same run (postern check --format json) lists all of them.';

/** What shows what a page about many hosts has no room for. */
export const ALONE = 'A report of one host (postern check --host) shows all of them.';

/** What a finding is about in a few words: its row, or, where no row asks for it, what is open. */
export function subject(finding: Finding): string {
  if (finding.connection === undefined) {
    const [first, ...others] = finding.packets.map(describeBriefly);
    const more = others.length > 0 ? ` and ${thousands(others.length)} more` : '';
    return first === undefined ? 'no documented row' : `no documented row: ${first}${more}`;
  }
  return finding.baseline === undefined ? finding.connection : `${finding.baseline}: ${finding.connection}`;
}
