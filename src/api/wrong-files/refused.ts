import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';

/** How much of a file is looked at; an error is short. */
const LOOKED_AT = 1 << 13;
/** How much of an error's own words is repeated. */
const REPEATED = 200;

/** What the providers' command lines print in place of an export; the words are what a message repeats. */
const PRINTED: readonly (readonly [tool: string, error: RegExp])[] = [
  ['aws', /^\s*(?:aws: \[ERROR\]: )?(An error occurred \([\w.]+\) when calling the \w+ operation[^\n]*)/],
  ['az', /^\s*ERROR: (\([A-Za-z]+\)[^\n]*)/],
  ['gcloud', /^\s*ERROR: (\(gcloud\.[\w.-]+\)[^\n]*)/],
  [
    'openstack',
    /^\s*((?:HttpException|ForbiddenException|ConflictException|Unauthorized|Forbidden): \d{3}\b[^\n]*)/,
  ],
  ['openstack', /^\s*((?:The request you have made requires authentication|Missing value auth-url)[^\n]*)/],
];

/** Where error documents of the providers' interfaces have their code, outermost first. */
const WRAPPERS = [
  'Response',
  'Errors',
  'errors',
  'Error',
  'error',
  'forbidden',
  'unauthorized',
  'NeutronError',
];
const CODES = ['Code', 'code', '__type', 'type', 'status'];
const MESSAGES = ['Message', 'message', 'detail'];

/**
 * Whether a file has what a provider said in place of an export, because the caller may not see it or the call was
 * wrong. Such a file is no empty account.
 *
 * @returns an error that repeats the provider's words; undefined where the file is no such thing
 */
export function refusedExport(source: SourceFile): Diagnostic | undefined {
  const text = source.text.slice(0, LOOKED_AT);
  const start = Math.max(0, text.search(/\S/));
  for (const [tool, error] of PRINTED) {
    const words = error.exec(text)?.[1];
    if (words !== undefined) return refused(source, start, `\`${tool}\``, words);
  }
  const inXml = xmlWords(text);
  if (inXml !== undefined) return refused(source, start, 'the provider', inXml);
  if (source.text.length > LOOKED_AT || text[start] !== '{') return undefined;
  const words = documentWords(text);
  return words === undefined ? undefined : refused(source, start, 'the provider', words);
}

/**
 * An error document in XML, as the providers' own interfaces answer where no command line was between
 * (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response;
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html).
 */
const XML_ERROR = /^\s*(?:<\?xml[^>]*>\s*)?<(?:Response|ErrorResponse|Error)\b[^>]*>/;

/** Code and message of an error document in XML. */
function xmlWords(text: string): string | undefined {
  if (!XML_ERROR.test(text)) return undefined;
  const words = [/<Code>([^<]*)<\/Code>/, /<Message>([^<]*)<\/Message>/].flatMap(
    (of) => of.exec(text)?.[1] ?? [],
  );
  return words.join(': ').trim() || undefined;
}

/** Code and message of an error document: what is left of it when its wrappers are taken off. */
function documentWords(text: string): string | undefined {
  let at: unknown;
  try {
    at = JSON.parse(text);
  } catch {
    return undefined;
  }
  let wrapped = false;
  for (let depth = 0; depth < WRAPPERS.length; depth++) {
    const object = Array.isArray(at) ? at[0] : at;
    if (typeof object !== 'object' || object === null) return undefined;
    const inner = WRAPPERS.map((name) => (object as Record<string, unknown>)[name]).find(isObject);
    if (inner === undefined) return codeAndMessage(object as Record<string, unknown>, wrapped);
    wrapped = true;
    at = inner;
  }
  return undefined;
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

function codeAndMessage(object: Record<string, unknown>, wrapped: boolean): string | undefined {
  const pick = (names: readonly string[]): string | undefined => {
    const found = names.map((name) => object[name]).find((one) => ['string', 'number'].includes(typeof one));
    return found === undefined ? undefined : String(found);
  };
  const code = pick(CODES);
  const message = pick(MESSAGES);
  // Without a wrapper both must be there, and nothing much else: `message` alone is of anything.
  if (code === undefined ? !wrapped : !wrapped && (message === undefined || Object.keys(object).length > 4))
    return undefined;
  return [code, message].filter((one) => one !== undefined).join(': ') || undefined;
}

function refused(source: SourceFile, start: number, who: string, words: string): Diagnostic {
  const shown = words.length > REPEATED ? `${words.slice(0, REPEATED)} …` : words;
  return {
    severity: 'error',
    code: 'export-refused',
    message: `this is no export: ${who} refused it: ${shown.trim()}`,
    span: { file: source, start, end: start + 1, withheld: true },
    expected: 'what the command prints when it may read the account',
    help: 'export again as somebody who may list the rules (AWS: `ec2:Describe*` and `ec2:GetManagedPrefixListEntries`)',
  };
}
