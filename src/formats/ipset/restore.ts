import type { Diagnostic } from '../../text/diagnostic.ts';
import type { SourceFile } from '../../text/source.ts';
import type {
  CreateCommand,
  SavedElementCommand,
  Statement,
  TwoSetsCommand,
  WholeSetCommand,
  Word,
} from './ast.ts';
import { SetContent } from './content.ts';
import { PlainElement, plainKey } from './element.ts';
import { readPlainEntry, takesPlainEntries } from './entry.ts';
import { ElementCommands } from './elements.ts';
import { readCreate } from './options.ts';
import { finishSets } from './finish.ts';
import { sameSpec } from './types.ts';
import { noSuchSet, tooMany, type WorkingSet, type World, wrong } from './world.ts';

/** Carries the commands of a file out as `ipset restore` does, on sets of its own. */
export class Restorer {
  readonly warnings: Diagnostic[] = [];
  /** Commands carried out so far. */
  count = 0;
  private readonly warned = new Set<string>();
  private readonly world: World;
  private readonly elements: ElementCommands;

  constructor(private readonly file: SourceFile) {
    this.world = {
      file,
      sets: new Map(),
      references: new Map(),
      coverage: [],
      budget: { left: 5_000_000 },
      warn: (key, warning) => {
        if (this.warned.has(key)) return;
        this.warned.add(key);
        this.warnings.push(warning);
      },
    };
    this.elements = new ElementCommands(this.world);
  }

  /** Carries one command out; a diagnostic says why it cannot be. */
  readonly run = (statement: Statement): Diagnostic | undefined => {
    this.count++;
    switch (statement.kind) {
      case 'saved-element':
        return this.savedElement(statement);
      case 'create':
        return this.create(statement);
      case 'add':
      case 'del':
        return this.elements.run(statement);
      case 'flush':
        return this.flush(statement);
      case 'destroy':
        return this.destroy(statement);
      case 'swap':
        return this.swap(statement);
      case 'rename':
        return this.rename(statement);
      case 'commit':
        return undefined;
    }
  };

  /** The sets as they are after the last command; see {@link finishSets}. */
  finish(): ReturnType<typeof finishSets> {
    return finishSets(this.world);
  }

  private savedElement(command: SavedElementCommand): Diagnostic | undefined {
    const set = this.world.sets.get(command.set);
    const entry = set?.plain ? readPlainEntry(command.entry, set.spec) : undefined;
    if (set === undefined || entry === undefined) {
      const start = command.start + 4;
      const middle = start + command.set.length;
      return this.elements.run({
        kind: 'add',
        exist: false,
        set: { text: command.set, start, end: middle },
        entry: { text: command.entry, start: middle + 1, end: command.end },
        options: [],
        start: command.start,
        end: command.end,
      });
    }
    const key = plainKey(entry);
    const element = new PlainElement(entry.lo, entry.prefix, this.file, command.start, command.end, false);
    const known = set.content.find(key);
    if (known === undefined) {
      set.content.add(key, element);
      return undefined;
    }
    return this.elements.again(set, command.set, key, known, element, false);
  }

  private create(command: CreateCommand): Diagnostic | undefined {
    const { file, sets } = this.world;
    const name = command.set.text;
    const long = tooLong(file, command.set);
    if (long !== undefined) return long;
    const spec = readCreate(file, command);
    if (!spec.ok) return spec.errors[0];
    this.warnOfIgnored(command);
    const known = sets.get(name);
    if (known === undefined) {
      const content = new SetContent(spec.value.type);
      sets.set(name, { spec: spec.value, content, plain: takesPlainEntries(spec.value) });
      return undefined;
    }
    if (!sameSpec(known.spec, spec.value))
      return wrong(
        file,
        command.set,
        'ipset-duplicate-set',
        `set \`${name}\` exists already, created otherwise`,
      );
    if (!command.exist)
      this.world.warn(`create ${name}`, {
        ...wrong(file, command.set, 'ipset-duplicate-set', `set \`${name}\` is created twice`),
        severity: 'warning',
        help: '`ipset restore` stops here unless it runs with `-exist`; the set is read as with it',
      });
    return undefined;
  }

  /** Options of ipset 4 that ipset 7 warns about; its `restore` ends there without an error (seen with 7.17). */
  private warnOfIgnored(command: CreateCommand): void {
    const ignored = command.options.find(({ text }) => /^(--)?(probes|resize|gc)$/.test(text));
    if (ignored === undefined) return;
    this.world.warn('ignored option', {
      ...wrong(this.file, ignored, 'ipset-old-option', `option \`${ignored.text}\` is ignored`),
      severity: 'warning',
      help: "ipset 7's `restore` leaves out the lines below such an option without a word; here they are read",
    });
  }

  private flush(command: WholeSetCommand): Diagnostic | undefined {
    if (command.set === undefined) {
      for (const set of this.world.sets.values()) set.content.clear();
      this.world.references.clear();
      return this.spend(command);
    }
    const set = this.find(command.set);
    if ('severity' in set) return set;
    this.elements.release(set);
    set.content.clear();
    return undefined;
  }

  private destroy(command: WholeSetCommand): Diagnostic | undefined {
    const { file, sets, references } = this.world;
    const at = command.set ?? { text: '', start: command.start, end: command.end };
    if (command.set === undefined) {
      if (references.size > 0) return wrong(file, at, 'ipset-in-use', 'some set is a member of a list:set');
      sets.clear();
      return undefined;
    }
    const set = this.find(command.set);
    if ('severity' in set) return set;
    if (references.has(at.text))
      return wrong(file, at, 'ipset-in-use', `set \`${at.text}\` is a member of a list:set`);
    this.elements.release(set);
    sets.delete(at.text);
    return undefined;
  }

  private swap(command: TwoSetsCommand): Diagnostic | undefined {
    const from = this.find(command.from);
    if ('severity' in from) return from;
    const to = this.find(command.to);
    if ('severity' in to) return to;
    if (from.spec.type !== to.spec.type || from.spec.family !== to.spec.family)
      return wrong(this.file, command.to, 'ipset-swap', 'sets of different types cannot be swapped');
    this.world.sets.set(command.from.text, to);
    this.world.sets.set(command.to.text, from);
    return undefined;
  }

  private rename(command: TwoSetsCommand): Diagnostic | undefined {
    const { sets, references } = this.world;
    const set = this.find(command.from);
    if ('severity' in set) return set;
    const { from, to } = command;
    const long = tooLong(this.file, to);
    if (long !== undefined) return long;
    if (sets.has(to.text))
      return wrong(this.file, to, 'ipset-duplicate-set', `set \`${to.text}\` exists already`);
    if (references.has(from.text))
      return wrong(this.file, from, 'ipset-in-use', `set \`${from.text}\` is a member of a list:set`);
    sets.delete(from.text);
    sets.set(to.text, set);
    return undefined;
  }

  private find(word: Word): WorkingSet | Diagnostic {
    return this.world.sets.get(word.text) ?? noSuchSet(this.file, word);
  }

  /** Commands about every set take as long as there are sets. */
  private spend(command: WholeSetCommand): Diagnostic | undefined {
    this.world.budget.left -= this.world.sets.size;
    return this.world.budget.left < 0
      ? tooMany({ file: this.file, start: command.start, end: command.end })
      : undefined;
  }
}

/** IPSET_MAXNAMELEN without the final NUL (include/uapi/linux/netfilter/ipset/ip_set.h). */
const MAX_SET_NAME = 31;

function tooLong(file: SourceFile, name: Word): Diagnostic | undefined {
  if (Buffer.byteLength(name.text) <= MAX_SET_NAME) return undefined;
  const message = `set name \`${name.text.slice(0, 80)}\` is longer than ${MAX_SET_NAME} bytes`;
  return wrong(file, name, 'ipset-name', message);
}
