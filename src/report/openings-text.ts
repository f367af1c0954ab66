import type { Opening, OpeningsReport, Translated } from '../finding/report.ts';
import { describeBox, describeTranslated } from './describe.ts';
import { placeNames, rulesOf } from './places.ts';
import { makeStyle } from './style.ts';
import { coverageLines } from './text-coverage.ts';
import { familyLines } from './text-scope.ts';
import type { TextOptions } from './text.ts';
import { visible } from './visible.ts';
import { count, wrap } from './wrap.ts';

/** How many of an opening's rules a line names. */
const SHOWN_RULES = 6;

/** What a host lets through, readable: by hook, certainty and the cloud’s host, in the order given, with the rules that open it. */
export function renderOpeningsText(report: OpeningsReport, options: TextOptions): string {
  return [...openingsChunks(report, options)].join('');
}

/** The text of {@link renderOpeningsText} in pieces of whole lines. */
export function* openingsChunks(report: OpeningsReport, options: TextOptions): Generator<string> {
  const style = makeStyle(options.colour);
  const width = Math.max(options.width, 40);
  const name = placeNames(rulesOf(report.openings));
  let heading = '';
  for (const opening of report.openings) {
    const of = opening.host === undefined ? '' : `, ${opening.host}`;
    const next = visible(`${opening.hook}, ${opening.certainty}${of}`);
    if (next !== heading) {
      yield `${heading === '' ? '' : '\n'}${style.bold(next)}\n`;
      heading = next;
    }
    const text = wrap(describe(opening), width - 4).map((line, i) => `${i === 0 ? '  ' : '    '}${line}\n`);
    const places = wrap(rules(opening, name), width - 6).map((line) => `${style.dim(`      ${line}`)}\n`);
    yield `${text.join('')}${places.join('')}`;
  }
  if (report.openings.length > 0) yield '\n';
  const notes = familyLines(report.families, style, width);
  if (notes.length > 0) notes.push('');
  for (const line of notes) yield `${line}\n`;
  if (report.coverage.length > 0)
    for (const line of coverageLines(report.coverage, style, width)) yield `${line}\n`;
  yield `${style.bold(count(report.openings.length, 'opening'))}\n`;
}

function describe(opening: Opening): string {
  return visible(describeBox(opening.box) + translations(opening));
}

function translations({ translated, otherTranslations = [] }: Opening): string {
  const to = (one: Translated | null | undefined): string =>
    one == null ? 'not translated' : `translated to ${describeTranslated(one)}`;
  if (translated === undefined && otherTranslations.length === 0) return '';
  const others = otherTranslations.slice(0, SHOWN_RULES).map((other) => `, or ${to(other)}`);
  const rest = otherTranslations.length - others.length;
  return `, ${to(translated)}${others.join('')}${rest > 0 ? `, or to ${count(rest, 'more place')}` : ''}`;
}

function rules(opening: Opening, name: ReturnType<typeof placeNames>): string {
  if (opening.rules.length === 0) return 'no rule: nothing given closes it';
  const shown = opening.rules.slice(0, SHOWN_RULES).map(name);
  const rest = opening.rules.length - shown.length;
  return visible(`${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`);
}
