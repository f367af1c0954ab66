import type { SetPart } from '../../rule/named-set.ts';
import type { Diagnostic } from '../../text/diagnostic.ts';
import type { ElementCommand, Word } from './ast.ts';
import { type ElementKey, GeneralElement, type StoredElement } from './element.ts';
import { type ElementOptions, readElementOptions } from './element-options.ts';
import { type EntryResult, readEntry } from './entry.ts';
import { noSuchSet, tooMany, type WorkingSet, type World, wrong } from './world.ts';

/** `add` and `del`, carried out on the sets of the file. */
export class ElementCommands {
  constructor(private readonly world: World) {}

  /** Carries one command out; a diagnostic says why it cannot be. */
  run(command: ElementCommand): Diagnostic | undefined {
    const { file, sets } = this.world;
    const set = sets.get(command.set.text);
    if (set === undefined) return noSuchSet(file, command.set);
    const options = readElementOptions(file, command, set.spec);
    if (!options.ok) return options.error;
    if (set.spec.type.name === 'list:set') return this.member(command, set, options.value);
    const entry = readEntry(command.entry.text, set.spec);
    if (!entry.ok) return entryError(this.world, command.entry, entry);
    for (const parts of entry.elements) {
      const error = this.one(command, set, withWildcard(parts, options.value), options.value);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  private one(
    command: ElementCommand,
    set: WorkingSet,
    parts: readonly SetPart[],
    options: ElementOptions,
  ): Diagnostic | undefined {
    const key = this.storedKey(set, parts);
    if (command.kind === 'del') return this.del(command, set, key, parts);
    const element = new GeneralElement(parts, this.world.file, command.start, command.end, options.nomatch);
    const known = set.content.find(key);
    if (known === undefined) set.content.add(key, element);
    else return this.again(set, command.set.text, key, known, element, command.exist);
    return undefined;
  }

  /**
   * The key under which the kernel finds the element. In hash:net,iface a stored wildcard of the same network covers
   * a longer name (net/netfilter/ipset/ip_set_hash_netiface.c, hash_netiface4_data_equal).
   */
  private storedKey(set: WorkingSet, parts: readonly SetPart[]): ElementKey {
    const key = set.content.keyOf(parts);
    const iface = parts[1];
    if (iface?.kind !== 'iface' || set.content.find(key) !== undefined) return key;
    for (let length = iface.name.length - 1; length > 0; length--) {
      const shorter = set.content.keyOf([
        parts[0] as SetPart,
        { ...iface, name: iface.name.slice(0, length) },
      ]);
      const found = set.content.find(shorter)?.parts[1];
      if (found?.kind === 'iface' && found.wildcard) return shorter;
    }
    return key;
  }

  /**
   * An element that is there already. `ipset restore` stops there, and goes on with `-exist`; a dump does not say
   * how it was loaded. Where both readings have the same content that is a warning, else an error.
   */
  again(
    set: WorkingSet,
    name: string,
    key: ElementKey,
    known: StoredElement,
    element: StoredElement,
    exist: boolean,
  ): Diagnostic | undefined {
    const filled = this.fillsMac(set, known, element);
    if (filled === 'fills') set.content.replace(key, element);
    const changes =
      filled === 'changes' || known.nomatch !== element.nomatch || wildcardOf(known) !== wildcardOf(element);
    const { origin } = element;
    if (changes && !exist) {
      const message = `the element is already in set \`${name}\`, but not as it is given here`;
      const help =
        'whether the first or the last line counts depends on `-exist`; save the set with `ipset save`';
      return { severity: 'error', code: 'ipset-contradiction', message, span: origin, help };
    }
    if (changes) set.content.replace(key, element);
    if (!exist && filled !== 'fills')
      this.world.warn(`add ${name}`, {
        severity: 'warning',
        code: 'ipset-duplicate-element',
        message: `the element is already in set \`${name}\``,
        span: origin,
        help: '`ipset restore` stops here unless it runs with `-exist`; the file is read as with it',
      });
    return undefined;
  }

  /** bitmap:ip,mac: an address without MAC gets one from a later line, and never loses it (`ipset(8)`). */
  private fillsMac(
    set: WorkingSet,
    known: StoredElement,
    element: StoredElement,
  ): 'fills' | 'changes' | 'same' {
    if (set.spec.type.name !== 'bitmap:ip,mac') return 'same';
    const [before, now] = [known.parts[1], element.parts[1]];
    if (before?.kind !== 'mac' || now?.kind !== 'mac' || now.mac === undefined) return 'same';
    if (before.mac === undefined) return 'fills';
    return before.mac === now.mac ? 'same' : 'changes';
  }

  private del(
    command: ElementCommand,
    set: WorkingSet,
    key: ElementKey,
    parts: readonly SetPart[],
  ): Diagnostic | undefined {
    const { file, budget } = this.world;
    const outcome = set.content.remove(key, parts, budget);
    if (outcome === 'too-many') return tooMany({ file, start: command.start, end: command.end });
    if (outcome === 'absent' && !command.exist) this.absent(command);
    return undefined;
  }

  private absent(command: ElementCommand): void {
    const name = command.set.text;
    this.world.warn(`del ${name}`, {
      ...wrong(
        this.world.file,
        command.entry,
        'ipset-no-such-element',
        `the element is not in set \`${name}\``,
      ),
      severity: 'warning',
      help: '`ipset restore` stops here unless it runs with `-exist`; the file is read as with it',
    });
  }

  /** A member of a list:set: a set that exists and is no list itself. Its place in the list decides nothing. */
  private member(command: ElementCommand, set: WorkingSet, options: ElementOptions): Diagnostic | undefined {
    const { file, sets, references } = this.world;
    const name = command.entry.text;
    const member = sets.get(name);
    if (member === undefined) return noSuchSet(file, command.entry);
    if (member.spec.type.name === 'list:set')
      return wrong(file, command.entry, 'ipset-list', 'a list:set cannot be a member of a list:set');
    const { reference } = options;
    if (reference !== undefined && set.content.find(`${reference.text}|`) === undefined)
      return wrong(
        file,
        reference,
        'ipset-list',
        `\`${reference.text.slice(0, 80)}\` is not a member of the list`,
      );
    const parts: readonly SetPart[] = [{ kind: 'set', name }];
    const known = set.content.find(`${name}|`);
    if (command.kind === 'del') {
      if (known !== undefined) this.count(name, -1);
      return this.del(command, set, `${name}|`, parts);
    }
    const element = new GeneralElement(parts, file, command.start, command.end, false);
    if (known !== undefined)
      return this.again(set, command.set.text, `${name}|`, known, element, command.exist);
    references.set(name, (references.get(name) ?? 0) + 1);
    set.content.add(`${name}|`, element);
    return undefined;
  }

  /** The members of a list:set that is emptied or destroyed are no longer referred to by it. */
  release(set: WorkingSet): void {
    if (set.spec.type.name !== 'list:set') return;
    for (const element of set.content.elements()) {
      const part = element.parts[0];
      if (part?.kind === 'set') this.count(part.name, -1);
    }
  }

  private count(name: string, change: number): void {
    const { references } = this.world;
    const count = (references.get(name) ?? 0) + change;
    if (count > 0) references.set(name, count);
    else references.delete(name);
  }
}

function withWildcard(parts: readonly SetPart[], options: ElementOptions): readonly SetPart[] {
  if (!options.wildcard) return parts;
  return parts.map((part) => (part.kind === 'iface' ? { ...part, wildcard: true } : part));
}

function wildcardOf(element: StoredElement): string {
  const iface = element.parts[1];
  return iface?.kind === 'iface' ? `${iface.name} ${iface.wildcard}` : '';
}

function entryError(world: World, word: Word, entry: Extract<EntryResult, { ok: false }>): Diagnostic {
  const start = word.start + entry.start;
  return {
    ...wrong(world.file, { text: '', start, end: word.start + entry.end }, 'ipset-entry', entry.message),
    expected: entry.expected,
    ...(entry.help === undefined ? {} : { help: entry.help }),
  };
}
