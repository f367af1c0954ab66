import { type Diagnostic, failure, placed, type Result } from '../../text/diagnostic.ts';
import { formatPlace, type Span } from '../../text/source.ts';
import type { ConfigPart } from '../reader.ts';
import type { JsonObject, LocatedJson } from './located.ts';

/** A document of something else than an export of the provider. */
export function notAnExport(
  json: LocatedJson,
  object: object,
  message: string,
  expected: string,
): Diagnostic {
  return { severity: 'error', code: 'not-an-export', message, span: json.place(object), expected };
}

/** What a provider says in place of an export. */
export interface Refusal {
  readonly provider: string;
  readonly code: JsonObject[string];
  readonly message: JsonObject[string];
  /** What may not be read: an account, a project. */
  readonly whole: string;
  readonly help?: string;
}

/** A document among others that is a refusal; a file that is nothing else is told before a reader sees it. */
export function refusedDocument(json: LocatedJson, object: object, refusal: Refusal): Diagnostic {
  const { provider, code, message, whole, help } = refusal;
  return {
    severity: 'error',
    code: 'export-refused',
    message: `${provider} refused the export: ${JSON.stringify(code)} ${JSON.stringify(message)}`,
    span: json.place(object),
    expected: `what the command prints when it may read the ${whole}`,
    ...(help === undefined ? {} : { help }),
  };
}

/** Exports that have nothing that filters. */
export function noRules(parts: readonly ConfigPart[], what: string, expected: string): Diagnostic {
  return {
    severity: 'error',
    code: 'no-rules',
    message: `the exports have no ${what}; an audit of nothing says nothing`,
    span: { file: (parts[0] as ConfigPart).source, start: 0, end: 0, withheld: true },
    expected,
  };
}

/**
 * A thing that two files describe differently: one of them is not of today.
 * @param whole what exports are of: an account, a project
 */
export function givenTwice(what: string, span: Span, before: Span, whole: string): Diagnostic {
  return {
    severity: 'error',
    code: 'given-twice',
    message: `${what} is given twice, and not in the same way; the other is at ${formatPlace(before)}`,
    span,
    expected: `exports of one ${whole}, made at one time`,
    help: `export the ${whole} again, or give each export once`,
  };
}

/** A text in the place of an address. */
export function badAddress(text: string, span: Span): Diagnostic {
  return {
    severity: 'error',
    code: 'invalid-address',
    message: `\`${text}\` is no address`,
    span,
    expected: 'an IPv4 or IPv6 address, or a network in CIDR notation',
  };
}

/** A field without which a rule is none. */
export function wrongField(
  json: LocatedJson,
  rule: object,
  name: string,
  field: string,
  expected: string,
): Diagnostic {
  return {
    severity: 'error',
    code: 'export-shape',
    message: `${field} of the ${name} is missing or not readable`,
    span: json.place(rule),
    expected,
  };
}

/**
 * A host of which nothing names its groups.
 * @param whole what has the groups: the account, the project
 */
export function whichGroups(whole: string, span: Span | undefined): Diagnostic {
  const diagnostic: Diagnostic = {
    severity: 'error',
    code: 'which-group',
    message: `nothing here says which of the ${whole} guard the host`,
    expected: '`securityGroups:` or `instance:`',
  };
  return placed(diagnostic, span);
}

/** More problems than these, of one file or of what files say together, tell nobody anything new. */
const TOLD = 20;

/** A failure with the first problems, and how many more there are: a broken export of a large account has a hundred thousand. */
export function problemsOf(errors: readonly Diagnostic[]): Result<never> {
  const told = errors.slice(0, TOLD);
  const [first] = told;
  const more = errors.length - told.length;
  if (first === undefined || more === 0) return failure(...told);
  const message = `${more} more ${more === 1 ? 'problem is' : 'problems are'} not listed`;
  const path = first.span === undefined ? {} : { path: first.span.file.path };
  return failure(...told, { severity: 'error', code: 'more-problems', message, ...path });
}
