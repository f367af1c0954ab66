import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { InputFile } from '../api.ts';
import { inUtf8 } from '../api/input.ts';
import { readInput } from './read.ts';

type Inclusion = NonNullable<InputFile['included']>[number];
type Problem = NonNullable<Inclusion['problem']>;
interface OpenFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** How many files may be included in all, by one config. */
const MOST_FILES = 4096;
/** Where a script for `nft` includes others (`nft(8)`, INCLUDE FILES): at the beginning of a statement. */
const STATEMENT = /(?:^|[;{}\n])[ \t]*include[ \t]+"([^"\n]*)"/g;

/**
 * The files that a config includes, and those that they include. Nothing outside of a folder is opened: that of the
 * config, or the one that is given. What is wrong with one is kept for the reader, who knows whether it is needed.
 * @param limit bytes of all of them together
 */
export async function gatherIncludes(
  file: OpenFile,
  limit: number,
  folder = file.path === '-' ? '.' : dirname(file.path),
): Promise<readonly Inclusion[]> {
  if (!inUtf8(file.bytes).includes('include')) return [];
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined) return [];
  return new Gatherer({ given: folder, real }, limit - file.bytes.length).gather(file);
}

interface Root {
  readonly given: string;
  readonly real: string;
}

class Gatherer {
  private readonly found: Inclusion[] = [];
  private readonly read = new Map<string, OpenFile>();

  constructor(
    private readonly root: Root,
    private left: number,
  ) {}

  async gather(first: OpenFile): Promise<readonly Inclusion[]> {
    const waiting = [first];
    const seen = new Set<string>();
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      for (const [, pattern] of inUtf8(file.bytes).toString('latin1').matchAll(STATEMENT)) {
        const name = Buffer.from(pattern as string, 'latin1').toString('utf8');
        if (seen.has(`${file.path}\n${name}`)) continue;
        seen.add(`${file.path}\n${name}`);
        const known = this.read.size;
        const inclusion = await this.one(file.path, name);
        this.found.push(inclusion);
        for (const more of [...this.read.values()].slice(known)) waiting.push(more);
      }
    }
    return this.found;
  }

  private async one(from: string, pattern: string): Promise<Inclusion> {
    const base = from === '-' ? '.' : dirname(from);
    const wanted = isAbsolute(pattern) ? pattern : join(base, pattern);
    const paths = /[*?[]/.test(pattern) ? await this.expand(wanted) : [wanted];
    const files: OpenFile[] = [];
    for (const path of paths) {
      const file = await this.open(path, paths.length > 1 || path !== wanted);
      if (file === undefined) continue;
      if ('code' in file) return { from, pattern, files: [], problem: file };
      files.push(file);
    }
    return { from, pattern, files };
  }

  private async open(path: string, listed: boolean): Promise<OpenFile | Problem | undefined> {
    const real = await realpath(path).catch(() => undefined);
    if (real === undefined && !this.isInside(resolve(path))) return this.outside(path);
    if (real === undefined)
      return { code: 'unreadable-input', message: `\`${path}\`: there is no such file, or it can't be read` };
    if (!this.isInside(real)) return this.outside(path);
    if (
      listed &&
      (await stat(real)
        .then((found) => found.isDirectory())
        .catch(() => true))
    )
      return undefined;
    const shown = join(this.root.given, relative(this.root.real, real));
    const known = this.read.get(shown);
    if (known !== undefined) return known;
    if (this.read.size >= MOST_FILES)
      return { code: 'too-many-includes', message: `more than ${MOST_FILES} files are included` };
    const read = await readInput(real, Math.max(this.left, 0), 'file');
    if (!read.ok) return { code: 'unreadable-input', message: `\`${shown}\`: ${read.errors[0]?.message}` };
    this.left -= read.value.length;
    const file = { path: shown, bytes: read.value };
    this.read.set(shown, file);
    return file;
  }

  private isInside(path: string): boolean {
    const inside = relative(this.root.real, path);
    return inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  }

  private outside(path: string): Problem {
    return {
      code: 'include-outside',
      message: `\`${path}\` is outside of \`${this.root.given}\`, where nothing is read`,
      help: 'copy it beside the config and include it by its relative path, or give the output of `nft list ruleset`',
    };
  }

  /** The paths that a pattern stands for (glob(7)), sorted. Folders outside of the root are not looked into. */
  private async expand(pattern: string): Promise<readonly string[]> {
    let paths = [isAbsolute(pattern) ? sep : '.'];
    for (const segment of pattern.split(sep).filter((one) => one !== '')) {
      const next: string[] = [];
      for (const path of paths) {
        if (!/[*?[]/.test(segment)) next.push(join(path, segment));
        else
          for (const name of await this.list(path)) if (matches(segment, name)) next.push(join(path, name));
      }
      paths = next.slice(0, MOST_FILES + 1);
    }
    return paths.sort();
  }

  private async list(path: string): Promise<readonly string[]> {
    const real = await realpath(path).catch(() => undefined);
    return real === undefined || !this.isInside(real) ? [] : readdir(real).catch(() => []);
  }
}

/** Whether a name is one of a pattern with `*`, `?` and `[…]` (glob(7)); a leading dot only matches itself. */
function matches(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  return matchesFrom(pattern, 0, name, 0);
}

function matchesFrom(pattern: string, from: number, name: string, start: number): boolean {
  let [p, n, star, mark] = [from, start, -1, 0];
  while (n < name.length) {
    const step = stepAt(pattern, p, name[n] as string);
    if (pattern[p] === '*') [star, mark, p] = [p, n, p + 1];
    else if (step > 0) [p, n] = [p + step, n + 1];
    else if (star >= 0) [p, mark, n] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** How many characters of the pattern match this one; 0 where they don't. */
function stepAt(pattern: string, at: number, char: string): number {
  const sign = pattern[at];
  if (sign === '?') return 1;
  const end = sign === '[' ? pattern.indexOf(']', at + 2) : -1;
  if (end < 0) return sign === char ? 1 : 0;
  const negated = pattern[at + 1] === '!' || pattern[at + 1] === '^';
  const set = pattern.slice(at + (negated ? 2 : 1), end);
  let found = false;
  for (let i = 0; i < set.length; i++) {
    const range = set[i + 1] === '-' && i + 2 < set.length;
    const [lo, hi] = [set[i] as string, (range ? set[i + 2] : set[i]) as string];
    if (lo <= char && char <= hi) found = true;
    if (range) i += 2;
  }
  return found !== negated ? end - at + 1 : 0;
}
