import type { Chain } from '../../rule/ruleset.ts';
import { type Result, success } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type { ConfigPart, InputFormat } from '../reader.ts';
import type { Command, Place, Statement, TargetUse, Word } from './ast.ts';
import { backendOf, isAboutMore } from './backend.ts';
import { forEachStatement } from './build.ts';
import { parseCommand } from './command.ts';
import { CutShort } from './cut-short.ts';
import { findSections, type Section } from './families.ts';
import { Problems } from './problems.ts';
import { TableState } from './table-state.ts';
import { builtinChains, TABLE_NAMES } from './tables.ts';
import { changedSets } from './targets/other.ts';

/** A section that was read to its end. */
interface Finished {
  readonly state: TableState;
  readonly chains: readonly Chain[];
  readonly place: Place;
}

/** Reads a whole dump, statement by statement, as iptables-restore executes it. */
class DumpReader {
  private readonly finished = new Map<string, Finished>();
  private readonly changed = new Map<string, Place>();
  private readonly families = new Set<4 | 6>();
  private readonly cutShort = new CutShort();
  private readonly sections: readonly Section[];
  private section = -1;
  private table: TableState | undefined;
  /** In a section of a table that does not exist; one error is enough. */
  private skipping = false;

  constructor(
    private readonly problems: Problems,
    private readonly format: InputFormat,
    private readonly layer: string,
  ) {
    const sections = findSections(problems.file);
    const family = format === 'ip6tables-save' ? 6 : 4;
    // Whoever names another format than the file looks like means all of it.
    const overridden = sections[0] !== undefined && sections[0].family !== family;
    this.sections = overridden ? sections.map(({ start }) => ({ start, family })) : sections;
  }

  read(): Result<ConfigPart> {
    const whole = forEachStatement(this.problems, (statement) => this.take(statement));
    const end = this.problems.file.text.length;
    if (whole && this.table !== undefined)
      this.problems.error(
        'missing-commit',
        { start: end, end },
        `the section \`*${this.table.name}\` has no COMMIT`,
        {
          expected: '`COMMIT` on a line of its own',
          help: 'the file may be cut short: save it again',
        },
      );
    if (whole && this.finished.size === 0 && this.problems.errors.length === 0)
      this.problems.error(
        'empty-input',
        { start: 0, end: 0 },
        'the file has no table; an audit of nothing says nothing',
        {
          expected: '`*filter`, rules and `COMMIT`, as iptables-save prints them',
        },
      );
    if (whole) this.cutShort.tell(this.problems, end);
    const { errors, warnings } = this.problems;
    if (errors.length > 0) return { ok: false, errors };
    if (backendOf(this.problems.file) === undefined) this.tellSecurity();
    return success(
      {
        format: this.format,
        source: this.problems.file,
        chains: [...this.finished.values()].flatMap(({ chains }) => chains),
        sets: [],
        ...backendPart(this.problems.file),
        families: ([4, 6] as const).filter((family) => this.families.has(family)),
        coverage: this.problems.finalCoverage(),
        changedSets: [...this.changed].map(([name, place]) => ({ name, span: this.problems.span(place) })),
      },
      warnings,
    );
  }

  /** Where a dump doesn't say whose it is, nobody knows whether `security` sees what nat's INPUT has translated: see builtinChains(). */
  private tellSecurity(): void {
    const hasInput = (table: string): boolean =>
      this.finished.get(table)?.chains.some(({ name, rules }) => name === 'INPUT' && rules.length > 0) ===
      true;
    for (const family of this.families) {
      const place = this.finished.get(`${family} security`)?.place;
      if (place === undefined || ![`${family} security`, `${family} nat`].every(hasInput)) continue;
      this.problems.cover('approximated', place, SECURITY);
    }
  }

  private take(statement: Statement): void {
    if (statement.kind === 'comment') this.comment(statement.text, statement.place);
    else if (statement.kind === 'table' && this.table === undefined) this.begin(statement.name);
    else if (this.table === undefined) this.outside(statement);
    else if (this.skipping && statement.kind !== 'table' && statement.kind !== 'commit') return;
    else if (statement.kind === 'commit') this.commit(this.table, statement.place);
    else if (statement.kind === 'chain') this.table.chains.declare(statement.words);
    else if (statement.kind === 'command') this.execute(this.table, statement.words);
    else
      this.problems.error(
        'missing-commit',
        (statement as { name: Word }).name,
        `the section \`*${this.table.name}\` has no COMMIT before this`,
        {
          expected: '`COMMIT` on a line of its own',
        },
      );
  }

  private begin(name: Word): void {
    this.section++;
    while ((this.sections[this.section + 1]?.start ?? Number.POSITIVE_INFINITY) < name.start) this.section++;
    const family = this.sections[this.section]?.family ?? 4;
    if (builtinChains(name.text) === undefined)
      this.problems.error('unknown-table', name, `there is no table \`${name.text}\``, {
        expected: `one of ${TABLE_NAMES.join(', ')}`,
      });
    this.skipping = builtinChains(name.text) === undefined;
    const previous = this.finished.get(`${family} ${name.text}`);
    const place = { start: name.start - 1, end: name.end };
    this.table = new TableState(name.text, family, this.layer, this.problems, place, previous?.state);
  }

  private commit(table: TableState, end: Place): void {
    const key = `${table.family} ${table.name}`;
    const before = this.finished.get(key);
    if (before !== undefined) this.problems.replace(before.place, table.place);
    const place = { start: table.place.start, end: end.end };
    this.finished.set(key, { state: table, chains: table.finish(), place });
    this.families.add(table.family);
    this.table = undefined;
  }

  private execute(table: TableState, words: readonly Word[]): void {
    const command = parseCommand(words, table.family, this.problems, (name) => table.isUserChain(name));
    if (command === undefined) return;
    table.apply(command);
    const target = targetOf(command);
    if (target?.name.text === 'SET')
      for (const name of changedSets(target))
        if (!this.changed.has(name.text)) this.changed.set(name.text, target);
  }

  /** What iptables-save says in comments about what it does not print must not be lost. */
  private comment(text: string, place: Place): void {
    this.cutShort.comment(text, place);
    if (isAboutMore(text))
      this.problems.cover(
        'ignored',
        place,
        'the host has more rules than this dump: save and give those too',
      );
  }

  private outside(statement: Exclude<Statement, { kind: 'comment' }>): void {
    const place = statement.kind === 'commit' ? statement.place : firstWord(statement);
    const looksListed = statement.kind === 'command' && /^-[PNA]$/.test(statement.words[0]?.text ?? '');
    this.problems.error('outside-table', place, 'this line belongs to no table', {
      expected: 'a line such as `*filter` before it',
      ...(looksListed
        ? { help: 'if this is the output of `iptables -S`: use iptables-save, which prints every table' }
        : {}),
    });
  }
}

function firstWord(statement: Exclude<Statement, { kind: 'comment' | 'commit' }>): Place {
  return statement.kind === 'table' ? statement.name : (statement.words[0] as Word);
}

function targetOf(command: Command): TargetUse | undefined {
  return 'rule' in command && command.kind !== 'check' ? command.rule.target : undefined;
}

/** A list begins so, counters (`[1:60] -A …`) and what stands in brackets in a prompt (`[sudo] password`) do not. */
const JSON_HEAD = /^(?:\{|\[(?!\d+:\d+\])\s*(?:["{[\]\d-]|true|false|null|$))/;

/**
 * Reads a dump of iptables-save or ip6tables-save.
 *
 * @returns the part, or every error found (at most about twenty), each with its place
 */
export function readDump(source: SourceFile, format: InputFormat, layer: string): Result<ConfigPart> {
  const problems = new Problems(source);
  const nul = source.text.indexOf('\0');
  const start = source.text.search(/\S/);
  if (nul >= 0)
    problems.error('binary', { start: nul, end: nul + 1 }, 'the file is binary: it has a NUL character', {
      expected: 'the text that iptables-save prints',
    });
  else if (JSON_HEAD.test(source.text.slice(start, start + 64)))
    problems.error('json', { start, end: start + 1 }, 'this is JSON, not a dump of iptables-save', {
      expected: 'a line such as `*filter`',
      help: 'name the format with `--input-format`, or let postern recognise it',
    });
  if (problems.errors.length > 0) return { ok: false, errors: problems.errors };
  return new DumpReader(problems, format, layer).read();
}

const SECURITY =
  'the table `security` is read as the one of iptables-legacy, which sees packets before the chain INPUT of `nat`; in iptables-nft, of which this dump may be, it sees them behind it. Give a dump with the header of iptables 1.8.8 or newer';

function backendPart(source: SourceFile): Pick<ConfigPart, 'backend'> {
  const backend = backendOf(source);
  return backend === undefined ? {} : { backend };
}
