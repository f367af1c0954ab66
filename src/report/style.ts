import type { Severity } from '../finding/report.ts';

/** The few ways in which the text report sets words apart. Without colour each returns its text unchanged. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  severity(severity: Severity, text: string): string;
}

const SEVERITY_CODES: Record<Severity, string> = {
  critical: '1;31',
  high: '31',
  medium: '33',
  low: '36',
  info: '2',
};

/** SGR sequences (ECMA-48, 8.3.117) where `colour` is true. */
export function makeStyle(colour: boolean): Style {
  const paint = (code: string, text: string): string => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    bold: (text) => paint('1', text),
    dim: (text) => paint('2', text),
    good: (text) => paint('32', text),
    warn: (text) => paint('33', text),
    severity: (severity, text) => paint(SEVERITY_CODES[severity], text),
  };
}
