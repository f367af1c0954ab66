import { packageVersion } from '../../package.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { BlobHead } from './blob.ts';

/** A blob's head and the file that has it. */
export interface HeadOf {
  readonly path: string;
  readonly head: BlobHead;
}

/** What shards of one run have in common, and what to call it. */
const COMMON: readonly (readonly [string, (head: BlobHead) => unknown])[] = [
  ['another version of postern', ({ tool }) => tool.version],
  ['another deployment', ({ deployment }) => deployment.sha256],
  ['the same deployment by another path', ({ deployment }) => deployment.path],
  ['other baselines', ({ baselines }) => baselines],
  ['another number of shards', ({ shard }) => shard.count],
  ['other hosts', ({ hosts, names }) => [hosts, names]],
];

/** Listed shards beyond this are only counted. */
const LISTED = 20;

/** Why these are not the shards of one run, each once: what differs, what is there twice, what is missing. */
export function headProblems(blobs: readonly HeadOf[]): Diagnostic[] {
  const [first] = blobs;
  if (first === undefined) return [];
  const differing = blobs.flatMap((one) => difference(first, one));
  if (differing.length > 0) return differing;
  const ours = packageVersion();
  if (first.head.tool.version !== ours) return [otherProgram(first, ours)];
  return [
    ...blobs.flatMap((one, i) => outside(one) ?? doubled(blobs.slice(0, i), one)),
    ...missing(blobs, first),
  ];
}

function difference(first: HeadOf, other: HeadOf): Diagnostic[] {
  const found = COMMON.find(([, of]) => JSON.stringify(of(first.head)) !== JSON.stringify(of(other.head)));
  if (found === undefined) return [];
  const message = `it is of another run than \`${first.path}\`: it has ${found[0]}`;
  const help =
    'run all shards with the same postern, deployment and baselines, named alike, and the same number of shards';
  return [{ severity: 'error', code: 'shards-differ', path: other.path, message, help }];
}

/** What one version found the next may tell otherwise, and the report would name the wrong one. */
function otherProgram({ path, head }: HeadOf, ours: string): Diagnostic {
  const message = `it was written by postern ${head.tool.version}, and this is ${ours}`;
  const help = 'merge with the postern that wrote the shards, or run them again with this one';
  return { severity: 'error', code: 'shards-differ', path, message, help };
}

function outside({ path, head: { shard } }: HeadOf): Diagnostic[] | undefined {
  if (shard.index <= shard.count) return undefined;
  const message = `it says that it is shard ${shard.index} of ${shard.count}`;
  return [{ severity: 'error', code: 'bad-blob', path, message, help: 'run this shard again' }];
}

function doubled(before: readonly HeadOf[], { path, head }: HeadOf): Diagnostic[] {
  const same = before.find((one) => one.head.shard.index === head.shard.index);
  if (same === undefined) return [];
  const message = `it is shard ${head.shard.index} of ${head.shard.count}, and so is \`${same.path}\``;
  return [{ severity: 'error', code: 'doubled-shard', path, message, help: 'keep one of them' }];
}

function missing(blobs: readonly HeadOf[], { path, head }: HeadOf): Diagnostic[] {
  const there = new Set(blobs.map((one) => one.head.shard.index));
  const { count } = head.shard;
  const names: string[] = [];
  for (let index = 1; index <= count && names.length < LISTED; index++)
    if (!there.has(index)) names.push(`${index}/${count}`);
  const total = count - [...there].filter((index) => index <= count).length;
  if (total === 0) return [];
  const more = total > names.length ? ` and ${total - names.length} more` : '';
  const message = `${total === 1 ? 'a shard is' : `${total} shards are`} missing: ${names.join(', ')}${more}`;
  const help = `run \`postern check --shard ${names[0]} …\` again, and merge then`;
  return [{ severity: 'error', code: 'missing-shard', path, message, help }];
}
