import { excerptLines } from '../report/excerpt.ts';
import { makeStyle } from '../report/style.ts';
import { visible } from '../report/visible.ts';
import type { Diagnostic } from '../text/diagnostic.ts';
import { formatPlace } from '../text/source.ts';

/** How a diagnostic is laid out. */
export interface DiagnosticOptions {
  readonly colour: boolean;
  readonly width: number;
}

/**
 * A diagnostic as compilers print it, ending with a line break: `file:line:col: error: message`, the source line with
 * carets (not of exports, which may have secrets), then what was expected and what helps.
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: DiagnosticOptions): string {
  const { span, path, severity } = diagnostic;
  const style = makeStyle(options.colour);
  const where = span === undefined ? path : formatPlace(span);
  const kind = style.severity(severity === 'error' ? 'high' : 'medium', `${severity}:`);
  const place = where === undefined ? '' : `${style.bold(`${visible(where)}:`)} `;
  const out = [`${place}${kind} ${shown(diagnostic.message)}`];
  if (span !== undefined && span.withheld !== true) {
    const { line, column } = span.file.position(span.start);
    const text = span.file.lineText(line);
    out.push(...excerptLines({ line, column, text, length: span.end - span.start }, '  ', options.width));
  }
  if (diagnostic.expected !== undefined) out.push(`  expected: ${shown(diagnostic.expected)}`);
  if (diagnostic.help !== undefined) out.push(`  help: ${shown(diagnostic.help)}`);
  return `${out.join('\n')}\n`;
}

/** A message quotes what it is about, which may be a word as long as its file. */
const LONGEST = 2000;

function shown(text: string): string {
  const rest = text.length - LONGEST;
  if (rest <= 0) return visible(text);
  const [head, tail] = [text.slice(0, LONGEST / 2), text.slice(-LONGEST / 2)];
  return `${visible(head)} … (${rest} characters more) … ${visible(tail)}`;
}
