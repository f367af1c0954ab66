import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mixedRules } from './generate.ts';
import { runOnce } from './measure.ts';
import type { Plan } from './side.ts';
import { checkCommand } from './subject.ts';
import { markdown, seconds } from './table.ts';

/** What part of the work has which share of the processor's time. */
export interface ProfileRow {
  readonly stage: string;
  /** Seconds, what it calls in packet sets, libraries and Node included. */
  readonly seconds: number;
  readonly share: number;
  /** Of these, seconds in `src/packet`. */
  readonly inSets: number;
  /** The functions that take the most by themselves, with their shares of the whole. */
  readonly hottest: readonly { readonly name: string; readonly share: number }[];
}

/** The part of a `.cpuprofile` that is read (Chrome DevTools Protocol, Profiler.Profile). */
interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

/** The first that fits the file of a function, or of whoever called it, says to which stage its time belongs. */
const STAGES: readonly (readonly [stage: string, files: RegExp])[] = [
  ['parsing (grammar)', /^(grammars\/|node_modules\/@?chevrotain|node_modules\/lodash)/],
  ['lowering (formats, rule)', /^src\/(formats|rule|text)\//],
  ['sets of the rules (symbolic)', /^src\/symbolic\//],
  ['replaying witnesses (interpreter)', /^src\/interpreter\//],
  ['comparison (compare, finding)', /^src\/(compare|finding)\//],
  ['baselines', /^(src\/baseline\/|node_modules\/(yaml|ajv))/],
  ['reporting', /^src\/report\//],
  ['command (api, cli)', /^(src\/(api|cli|trace)|src\/[a-z]+\.ts|node_modules\/commander)/],
];
const OTHERS = 'Node itself: start, loading, input and output';
const GARBAGE = 'garbage collection';

/** Runs the command with V8's sampling profiler and sums the samples up by stage. */
export function profileOf(rules: number, plan: Plan): ProfileRow[] {
  const file = join(plan.folder, `mix-${rules}.v4`);
  writeFileSync(file, mixedRules(rules, plan.seed));
  plan.say(`profiling ${rules} rules`);
  const [node = process.execPath, ...command] = checkCommand(file, '/dev/null');
  const flags = ['--cpu-prof', '--cpu-prof-dir', plan.folder, '--cpu-prof-interval', '500'];
  const sample = runOnce([node, ...flags, ...command], plan.folder, 600);
  const name = readdirSync(plan.folder).find((entry) => entry.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error(`no profile was written: ${sample.complaint}`);
  return rowsOf(JSON.parse(readFileSync(join(plan.folder, name), 'utf8')) as CpuProfile, new Modules());
}

/** The shares as a table. */
export function profileTable(rows: readonly ProfileRow[]): string {
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const cells = rows.map((row) => [
    row.stage,
    seconds(row.seconds),
    percent(row.share),
    seconds(row.inSets),
    row.hottest.map(({ name, share }) => `${name} ${percent(share)}`).join(', '),
  ]);
  return markdown(
    ['stage', 'cpu', 'share', 'of it in packet sets', 'hottest functions, by themselves'],
    cells,
  );
}

/** From which source file each line of the bundle comes: esbuild writes the path above each. */
class Modules {
  private readonly bundles = new Map<string, readonly (readonly [line: number, path: string])[]>();

  pathOf(url: string, line: number): string {
    const library = /\/dist\/([\w-]+)\.cjs$/.exec(url)?.[1];
    if (library !== undefined) return `node_modules/${library}/`;
    if (!url.startsWith('file:') || !url.includes('/dist/')) return url;
    let found = '';
    for (const [begin, path] of this.linesOf(url)) {
      if (begin > line) break;
      found = path;
    }
    return found;
  }

  private linesOf(url: string): readonly (readonly [number, string])[] {
    const known = this.bundles.get(url);
    if (known !== undefined) return known;
    const found = readFileSync(fileURLToPath(url), 'utf8')
      .split('\n')
      .flatMap((line, i) => {
        const path = /^ *\/\/ ((?:src|grammars|node_modules)\/\S+)$/.exec(line)?.[1];
        return path === undefined ? [] : [[i, path] as const];
      });
    this.bundles.set(url, found);
    return found;
  }
}

interface Place {
  readonly stage: string;
  readonly path: string;
  readonly name: string;
}

function rowsOf(profile: CpuProfile, modules: Modules): ProfileRow[] {
  const places = placesOf(profile, modules);
  const sums = new Map<string, { total: number; inSets: number; functions: Map<string, number> }>();
  let whole = 0;
  for (const [i, id] of profile.samples.entries()) {
    const place = places.get(id);
    const time = (profile.timeDeltas[i] ?? 0) / 1e6;
    if (place === undefined || place.name === '(idle)') continue;
    whole += time;
    const sum = sums.get(place.stage) ?? { total: 0, inSets: 0, functions: new Map<string, number>() };
    sums.set(place.stage, sum);
    sum.total += time;
    if (place.path.startsWith('src/packet/')) sum.inSets += time;
    sum.functions.set(place.name, (sum.functions.get(place.name) ?? 0) + time);
  }
  return [...STAGES.map(([stage]) => stage), OTHERS, GARBAGE].flatMap((stage) => {
    const sum = sums.get(stage);
    if (sum === undefined) return [];
    const hottest = [...sum.functions]
      .sort((a, b) => b[1] - a[1])
      .slice(0, 4)
      .map(([name, time]) => ({ name, share: time / whole }));
    return [{ stage, seconds: sum.total, share: sum.total / whole, inSets: sum.inSets, hottest }];
  });
}

/** Where each node of the call tree belongs: to its own file's stage, else to its caller's. */
function placesOf(profile: CpuProfile, modules: Modules): ReadonlyMap<number, Place> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const places = new Map<number, Place>();
  const pending: (readonly [id: number, stage: string])[] = [[profile.nodes[0]?.id ?? 0, OTHERS]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [id, inherited] = next;
    const node = nodes.get(id);
    if (node === undefined) continue;
    const { functionName, url, lineNumber } = node.callFrame;
    const path = modules.pathOf(url, lineNumber);
    const own = STAGES.find(([, files]) => files.test(path))?.[0];
    const stage = functionName === '(garbage collector)' ? GARBAGE : (own ?? inherited);
    places.set(id, { stage, path, name: functionName === '' ? 'anonymous' : functionName });
    for (const child of node.children ?? []) pending.push([child, stage]);
  }
  return places;
}
