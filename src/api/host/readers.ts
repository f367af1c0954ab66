import { detectAws } from '../../formats/aws/detect.ts';
import { detectAzure } from '../../formats/azure/detect.ts';
import { detectGcp } from '../../formats/gcp/detect.ts';
import { detectOpenstack } from '../../formats/openstack/detect.ts';
import { detectAddresses } from '../../formats/ip-addr/detect.ts';
import { detectSets } from '../../formats/ipset/detect.ts';
import { detectDump } from '../../formats/iptables/detect.ts';
import { detectRuleset } from '../../formats/nft/detect.ts';
import type { FormatReader, InputFormat } from '../../formats/reader.ts';
import { type Diagnostic, failure, type Result, success } from '../../text/diagnostic.ts';
import { SourceFile } from '../../text/source.ts';
import { INPUT_FORMATS } from '../formats.ts';
import { type InputFile, inUtf8 } from '../input.ts';
import { otherDocument } from '../wrong-files/other-document.ts';
import { otherListing } from '../wrong-files/other-listing.ts';
import { otherPrint, terminalText } from '../wrong-files/other-print.ts';
import { ownDocument } from '../wrong-files/own-document.ts';
import { refusedExport } from '../wrong-files/refused.ts';

/** A reader that is loaded when a file is its own: each brings a grammar, which takes time to build. */
export interface LazyReader extends Pick<FormatReader, 'formats' | 'detect'> {
  readonly load: () => Promise<FormatReader>;
}

/** Every reader, in the order in which they look at a file. */
export const READERS: readonly LazyReader[] = [
  {
    formats: ['iptables-save', 'ip6tables-save'],
    detect: detectDump,
    load: async () => (await import('../../formats/iptables/index.ts')).iptablesReader,
  },
  {
    formats: ['ipset-save'],
    detect: detectSets,
    load: async () => (await import('../../formats/ipset/index.ts')).ipsetReader,
  },
  {
    formats: ['nft', 'nft-json'],
    detect: detectRuleset,
    load: async () => (await import('../../formats/nft/index.ts')).nftReader,
  },
  {
    formats: ['aws'],
    detect: detectAws,
    load: async () => (await import('../../formats/aws/index.ts')).awsReader,
  },
  {
    formats: ['azure'],
    detect: detectAzure,
    load: async () => (await import('../../formats/azure/index.ts')).azureReader,
  },
  {
    formats: ['gcp'],
    detect: detectGcp,
    load: async () => (await import('../../formats/gcp/index.ts')).gcpReader,
  },
  {
    formats: ['openstack'],
    detect: detectOpenstack,
    load: async () => (await import('../../formats/openstack/index.ts')).openstackReader,
  },
  {
    formats: ['ip-addr'],
    detect: detectAddresses,
    load: async () => (await import('../../formats/ip-addr/index.ts')).ipAddrReader,
  },
];

const CLOUDS: ReadonlySet<InputFormat> = new Set<InputFormat>(['aws', 'azure', 'gcp', 'openstack']);

/** A reader and the format that it is to read a file as. */
export interface Choice {
  readonly reader: FormatReader;
  readonly format: InputFormat;
}

/** Readers that are loaded: Node looks a module up anew each time, and a site has thousands of files. */
const LOADED = new Map<LazyReader, FormatReader>();

/** One that could not be loaded is loaded anew: there may have been too many open files. */
async function loaded(lazy: LazyReader): Promise<FormatReader> {
  const reader = LOADED.get(lazy) ?? (await lazy.load());
  LOADED.set(lazy, reader);
  return reader;
}

/** The reader for a file: the one whose format the user named, else the first that recognises the contents. */
export async function chooseReader(
  source: SourceFile,
  named: InputFormat | undefined,
): Promise<Result<Choice>> {
  if (isBlank(source)) {
    if (!isEmptyListOfSets(source, named)) return failure(emptyInput(source));
    named = 'ipset-save';
  }
  const format = named ?? formatOf(source);
  if (format === undefined) return failure(unreadable(source));
  const lazy = READERS.find(({ formats }) => formats.includes(format));
  const no = named !== undefined && CLOUDS.has(named) ? noExport(source, lazy) : undefined;
  if (no !== undefined) return failure(no);
  return lazy === undefined
    ? failure(notRead(source, format))
    : success({ reader: await loaded(lazy), format });
}

/** What a file is that is of no format. */
function unreadable(source: SourceFile): Diagnostic {
  return (
    ownDocument(source) ??
    refusedExport(source) ??
    otherPrint(source) ??
    otherDocument(source) ??
    otherListing(source) ??
    terminalText(source) ??
    unknownFormat(source)
  );
}

/** The format that a file's contents tell; undefined where they tell none. */
export function formatOf(source: SourceFile): InputFormat | undefined {
  for (const { detect } of READERS) {
    const format = detect(source);
    if (format !== undefined) return format;
  }
  return undefined;
}

/** What the file is in place of the cloud's export that somebody calls it; what looks like one is believed to be. */
function noExport(source: SourceFile, lazy: LazyReader | undefined): Diagnostic | undefined {
  const found = refusedExport(source) ?? otherPrint(source);
  return found ?? (lazy?.detect(source) === undefined ? otherDocument(source) : undefined);
}

const isBlank = ({ text }: SourceFile): boolean => /^\s*$/.test(text);

/**
 * `ipset save` prints nothing where there are no sets, which is so on most hosts. Nothing follows from such a file, so its name is
 * proof enough; an empty dump of rules would open everything.
 */
const isEmptyListOfSets = ({ path }: SourceFile, named: InputFormat | undefined): boolean =>
  named === undefined ? /ipset[^/\\]*$/i.test(path) : named === 'ipset-save';

/** How much of a file is looked at to recognise a cloud's export: it says what it is in its first names. */
const HEAD = 1 << 16;

/** Whether a file looks like a cloud's export, which describes many hosts. Whether it is one, reading it tells. */
export function isExport(file: InputFile): boolean {
  return exportFormat(file) !== undefined;
}

/** Of which cloud's exports a file looks like one; undefined where it looks like none. */
export function exportFormat({ path, bytes, format }: InputFile): InputFormat | undefined {
  if (format !== undefined) return CLOUDS.has(format) ? format : undefined;
  const head = inUtf8(bytes).subarray(0, HEAD).toString('latin1');
  const found = READERS.find(({ detect }) => detect(new SourceFile(path, head)) !== undefined);
  return found?.formats.find((one) => CLOUDS.has(one));
}

function emptyInput(source: SourceFile): Diagnostic {
  return {
    severity: 'error',
    code: 'empty-input',
    message: 'the file is empty; an audit of nothing would call everything missing or nothing excessive',
    span: { file: source, start: 0, end: 0 },
    expected: `one of ${INPUT_FORMATS.join(', ')}`,
    help: 'capture it again, as root, and look at what the tool says; a host that has no such rules or sets prints nothing: leave the file out then, and add `nft list ruleset`, which speaks for both families',
  };
}

function notRead(source: SourceFile, named: InputFormat): Diagnostic {
  return {
    severity: 'error',
    code: 'format-not-supported',
    message: `this version does not read \`${named}\``,
    span: { file: source, start: 0, end: 0 },
    expected: `one of ${INPUT_FORMATS.join(', ')}`,
  };
}

function unknownFormat(source: SourceFile): Diagnostic {
  const start = source.text.search(/\S/);
  const json = source.text[start] === '{' || source.text[start] === '[';
  return {
    severity: 'error',
    code: 'unknown-format',
    message: json
      ? 'this is JSON, but no export that postern knows'
      : 'this is none of the formats that postern recognises',
    // Unknown JSON may be an export with secrets.
    span: { file: source, start, end: start + 1, ...(json ? { withheld: true } : {}) },
    expected: `one of ${INPUT_FORMATS.join(', ')}`,
    help: 'if it is one of these, name it with `--input-format`; if it is something else, leave it out (in a folder every file counts, but for hidden ones)',
  };
}
