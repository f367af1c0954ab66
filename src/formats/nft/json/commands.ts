import type { Atom } from '../../../../grammars/nft/atoms.ts';
import { handleOf, type JsonCommand, wrong } from './command.ts';
import { writeElements } from './expressions.ts';
import { setAtoms } from './sets.ts';
import { lacksOperator } from './match.ts';
import { writeStatement } from './statements.ts';
import { isObject, type Json, listOf, Writer } from './writer.ts';
import type { Problems } from '../problems.ts';

const VERBS = ['add', 'create', 'insert', 'replace', 'delete', 'destroy', 'flush', 'list', 'reset', 'rename'];
const PLAIN_OBJECTS = [
  'counter',
  'quota',
  'limit',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'synproxy',
  'tunnel',
];
const TABLE_FLAGS = ['dormant', 'owner', 'persist'];
const KNOWN = [
  'table',
  'chain',
  'rule',
  'set',
  'map',
  'element',
  'flowtable',
  'meter',
  'ruleset',
  ...PLAIN_OBJECTS,
];

/**
 * A command of libnftables-json(5), COMMAND OBJECTS, or an object of a listing, as a statement of a script.
 * @returns nothing where the command changes no ruleset, or was told as a problem
 */
export function commandAtoms(command: JsonCommand, problems: Problems): readonly Atom[] | undefined {
  const [key] = isObject(command.value) ? Object.keys(command.value) : [];
  if (key === undefined || !isObject(command.value))
    return wrong(
      command,
      problems,
      'an object with one command, such as `{"add": …}`, or one object of the ruleset',
    );
  if (key === 'metainfo') return checkVersion(command.value.metainfo, command, problems);
  if (!VERBS.includes(key)) return objectAtoms('add', false, command.value, command, problems);
  if (key === 'list' || key === 'reset') return undefined;
  const inner = command.value[key];
  if (!isObject(inner)) return wrong(command, problems, `an object behind \`${key}\``);
  return objectAtoms(key, true, inner, command, problems);
}

/** nft refuses what a later version of its JSON says (src/parser_json.c of nftables, json_verify_metainfo). */
const NEWEST = 1;

function checkVersion(metainfo: unknown, command: JsonCommand, problems: Problems): undefined {
  const version = isObject(metainfo) ? metainfo.json_schema_version : undefined;
  if (typeof version === 'number' && version > NEWEST)
    problems.error('nft-json-shape', command, `this is version ${version} of nft's JSON`, {
      expected: `version ${NEWEST}`,
      help: 'give the text that `nft list ruleset` prints',
    });
}

function objectAtoms(
  verb: string,
  explicit: boolean,
  holder: Json,
  command: JsonCommand,
  problems: Problems,
): readonly Atom[] | undefined {
  const kind = Object.keys(holder)[0] ?? '';
  const object = holder[kind];
  if (!KNOWN.includes(kind)) {
    problems.cover('unrecognised', command, `\`${kind.slice(0, 60)}\` is no object that postern knows`);
    return undefined;
  }
  const writer = new Writer(command);
  if (kind === 'ruleset') {
    writer.words(verb, 'ruleset');
    if (isObject(object) && typeof object.family === 'string') writer.name(object.family);
    return writer.atoms;
  }
  if (!isObject(object) || typeof object.family !== 'string')
    return wrong(command, problems, `an object with \`family\` and \`table\` behind \`${kind}\``);
  writer.words(verb, kind).name(object.family);
  if (kind === 'table') return tableAtoms(verb, object, writer, command, problems);
  if (typeof object.table !== 'string')
    return wrong(command, problems, `the name of a table in \`table\` of this \`${kind}\``);
  writer.name(object.table);
  if (kind === 'rule') return ruleAtoms(verb, explicit, object, writer, command, problems);
  if (!named(object, verb, writer)) return wrong(command, problems, `the name of this ${kind} in \`name\``);
  const adds = verb === 'add' || verb === 'create';
  if (kind === 'element') return elementAtoms(object, writer, command, problems);
  if (kind === 'chain') return chainAtoms(verb, object, writer, command, problems);
  if (adds && (kind === 'set' || kind === 'map')) return setAtoms(object, kind, writer, command, problems);
  if (adds && kind === 'flowtable') flowtable(object, writer);
  if (adds && (kind === 'ct helper' || kind === 'ct expectation')) trackingObject(object, writer);
  return writer.atoms;
}

/** Of which connections a helper or an expectation tells (libnftables-json(5), CT HELPER and CT EXPECTATION). */
function trackingObject({ type, protocol }: Json, writer: Writer): void {
  const line = writer.fresh();
  if (typeof type === 'string') line.words('type').quoted(type);
  if (typeof protocol === 'string') line.words('protocol').name(protocol);
  writer.block([line.atoms]);
}

/** The name, or in `delete` the handle alone. */
function named(object: Json, verb: string, writer: Writer): boolean {
  if (typeof object.name === 'string') writer.name(object.name);
  else if ((verb === 'delete' || verb === 'destroy') && typeof object.handle === 'number')
    writer.words('handle').number(object.handle);
  else return false;
  return true;
}

function tableAtoms(
  verb: string,
  object: Json,
  writer: Writer,
  command: JsonCommand,
  problems: Problems,
): readonly Atom[] | undefined {
  if (!named(object, verb, writer)) return wrong(command, problems, 'the name of this table in `name`');
  // nft 1.0 prints the first letter of the flag (src/json.c of nftables, table_flags_json).
  const flags = listOf(object.flags)
    .filter((flag) => typeof flag === 'string')
    .map((flag) => TABLE_FLAGS.find((known) => known[0] === flag) ?? flag);
  if (verb !== 'add' && verb !== 'create') return writer.atoms;
  // nft 1.0.6 reads the flag where it has freed it (src/json.c, table_flags_json): anything may stand there.
  if (flags.some((flag) => !TABLE_FLAGS.includes(flag)))
    return wrong(
      command,
      problems,
      `${TABLE_FLAGS.join(', ')} in \`flags\` of this table: nft 1.0.6 breaks them in its JSON, and the listing as text has them`,
    );
  const line = writer.fresh();
  if (flags.length > 0) line.words('flags');
  for (const [at, flag] of flags.entries()) (at > 0 ? line.sign(',') : line).words(flag);
  return writer.block([handleOf(object, writer), line.atoms]).atoms;
}

function chainAtoms(
  verb: string,
  object: Json,
  writer: Writer,
  command: JsonCommand,
  problems: Problems,
): readonly Atom[] | undefined {
  if (verb === 'rename') {
    if (typeof object.newname !== 'string') return wrong(command, problems, 'the new name in `newname`');
    return writer.name(object.newname).atoms;
  }
  if (verb !== 'add' && verb !== 'create') return writer.atoms;
  const { type, hook, prio, policy } = object;
  const handle = handleOf(object, writer);
  if (type === undefined && hook === undefined) return writer.block([handle]).atoms;
  // Of a priority by name nft makes a chain without a hook, and says nothing (src/parser_json.c, json_parse_cmd_add_chain).
  if (typeof type !== 'string' || typeof hook !== 'string' || typeof prio !== 'number')
    return wrong(command, problems, '`type`, `hook` and, as a number, `prio` of this base chain');
  const spec = writer.fresh().words('type', type, 'hook', hook);
  const devices = listOf(object.dev).filter((device) => typeof device === 'string');
  if (devices.length > 0) writeDevices(devices, spec.words('devices').sign('='));
  spec.words('priority').number(prio);
  const rule = writer.fresh();
  if (typeof policy === 'string') rule.words('policy', policy);
  return writer.block([handle, spec.atoms, rule.atoms]).atoms;
}

/**
 * nft 1.0 leaves the devices of ingress and egress chains out of its JSON, where there are several or there is one
 * (src/json.c of nftables, chain_print_json): which packets pass the chain is not in the file.
 */
export function unsaidDevices(command: JsonCommand, problems: Problems): readonly Atom[] | undefined {
  const chain = isObject(command.value) ? command.value.chain : undefined;
  if (!isObject(chain) || (chain.hook !== 'ingress' && chain.hook !== 'egress')) return undefined;
  if (listOf(chain.dev).length > 0) return undefined;
  const { family, table, name } = chain;
  if (typeof family !== 'string' || typeof table !== 'string' || typeof name !== 'string') return undefined;
  problems.cover(
    'approximated',
    command,
    `the JSON does not say on which devices \`${name}\` is: it may see a packet or not`,
  );
  const writer = new Writer(command).words('add rule', family).name(table).name(name);
  return writer.opaque('match', { devices: name }).words('accept').atoms;
}

function writeDevices(devices: readonly string[], writer: Writer): void {
  writer.group((inner) => {
    for (const [at, device] of devices.entries()) (at > 0 ? inner.sign(',') : inner).quoted(device);
  });
}

function ruleAtoms(
  verb: string,
  explicit: boolean,
  object: Json,
  writer: Writer,
  command: JsonCommand,
  problems: Problems,
): readonly Atom[] | undefined {
  const { chain, expr, handle, index, comment } = object;
  if (typeof chain !== 'string')
    return wrong(command, problems, 'the name of a chain in `chain` of this rule');
  writer.name(chain);
  // What a listing says of handles is for later commands; in a command it names another rule.
  if (explicit && typeof handle === 'number') writer.words('handle').number(handle);
  else if (explicit && typeof index === 'number') writer.words('index').number(index);
  if (verb === 'delete' || verb === 'destroy') return writer.atoms;
  // A rule that does nothing has no `expr` in a listing.
  const statements = expr ?? (!explicit && typeof handle === 'number' ? [] : undefined);
  if (!Array.isArray(statements))
    return wrong(command, problems, 'a list of statements in `expr` of this rule');
  if (statements.some(lacksOperator))
    return wrong(command, problems, '`op` in each `match` of this rule, such as `"=="` or `"in"`');
  for (const [at, statement] of statements.entries())
    if (!writeStatement(statement, writer, command.statements[at], (place) => problems.textAt(place)))
      problems.cover('unrecognised', command, 'a statement of this rule is not known: it may do anything');
  if (typeof comment === 'string') writer.words('comment').quoted(comment);
  const number = typeof handle === 'number' ? ` # handle ${handle}` : '';
  problems.label(command, `${object.family} ${object.table} ${chain}${number}`);
  if (!explicit && typeof handle === 'number') writer.handle(handle);
  return writer.atoms;
}

function elementAtoms(
  object: Json,
  writer: Writer,
  command: JsonCommand,
  problems: Problems,
): readonly Atom[] | undefined {
  let whole = true;
  writer.group((inner) => {
    whole = writeElements(listOf(object.elem), inner, false);
  });
  return whole ? writer.atoms : wrong(command, problems, 'elements of a set in `elem`');
}

function flowtable(object: Json, writer: Writer): void {
  const devices = listOf(object.dev).filter((device) => typeof device === 'string');
  const spec = writer.fresh();
  if (typeof object.hook === 'string' && typeof object.prio === 'number')
    spec.words('hook', object.hook, 'priority').number(object.prio);
  const line = writer.fresh();
  if (devices.length > 0) writeDevices(devices, line.words('devices').sign('='));
  writer.block([handleOf(object, writer), spec.atoms, line.atoms]);
}
