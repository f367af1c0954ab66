import type { Chain, NetfilterHook, Rule } from '../../rule/ruleset.ts';
import type { Chain as ChainNode, Table } from './ast.ts';
import { reportLoops } from './loops.ts';
import { lowerRule, type RuleContext } from './lower-rule.ts';
import type { Problems } from './problems.ts';

/** The chains of the tables in the rule model; problems are told to `problems`. */
export function lowerTables(tables: readonly Table[], layer: string, problems: Problems): readonly Chain[] {
  const chains: Chain[] = [];
  for (const table of tables) {
    const context = tableContext(table, layer, problems);
    const uncovered = !passes(table);
    for (const chain of table.chains.values()) {
      const lowered = lowerChain(chain, layer, context);
      // Rules of arp and bridge tables are checked, and join no IP verdict.
      if (!uncovered) chains.push(lowered);
    }
    reportLoops(table, problems);
    tell(table, problems);
  }
  return chains;
}

/** Whether IP packets of the host pass the table's chains. */
function passes(table: Table): boolean {
  return table.family !== 'arp' && table.family !== 'bridge' && !table.dormant;
}

function tell(table: Table, problems: Problems): void {
  const base = [...table.chains.values()].some(({ hook }) => hook !== undefined);
  if (!base) return;
  if (table.dormant)
    problems.cover('ignored', head(table), 'the table is dormant: none of its chains sees a packet');
  else if (table.family === 'arp')
    problems.cover('ignored', head(table), 'ARP rules join no verdict about IP packets');
  else if (table.family === 'bridge')
    problems.cover(
      'approximated',
      head(table),
      'rules for bridged packets join no verdict: what passes between the ports of a bridge is not judged',
    );
}

/** The table's first words, without its block. */
function head(table: Table): { start: number; end: number } {
  return { start: table.start, end: Math.min(table.end, table.start + 200) };
}

function tableContext(table: Table, layer: string, problems: Problems): RuleContext {
  const uncertain = new Set<string>();
  for (const set of table.sets.values())
    if (set.stateful || set.elements.some((element) => element.stateful)) uncertain.add(set.name);
  for (const chain of table.chains.values())
    for (const { statements } of chain.rules)
      for (const statement of statements)
        if (statement.kind === 'uncertain' && statement.changes !== undefined)
          uncertain.add(statement.changes);
        else if (statement.kind === 'note' && /^delete @/.test(statement.text))
          addDeleted(statement.text, uncertain);
  for (const name of uncertain) {
    const set = table.sets.get(name);
    if (set !== undefined)
      problems.cover(
        'approximated',
        headOf(set),
        `the set \`${name}\` changes as packets pass: conditions on it may hold or not`,
      );
  }
  const chainId = (name: string): string => idOf(layer, table, name);
  return { table, problems, uncertain, cache: new Map(), chainId };
}

function addDeleted(text: string, uncertain: Set<string>): void {
  const name = /^delete @ (\S+)/.exec(text)?.[1];
  if (name !== undefined) uncertain.add(name);
}

function headOf(place: { readonly start: number; readonly end: number }): { start: number; end: number } {
  return { start: place.start, end: Math.min(place.end, place.start + 200) };
}

function idOf(layer: string, table: Table, name: string): string {
  return `${layer} ${table.family} ${table.name} ${name}`;
}

function lowerChain(chain: ChainNode, layer: string, context: RuleContext): Chain {
  const { table, problems } = context;
  const rules: Rule[] = [];
  const { hook } = chain;
  if (hook !== undefined && hook.devices.length > 0) rules.push(otherDevices(chain, context));
  for (const rule of chain.rules) for (const lowered of lowerRule(rule, context)) rules.push(lowered);
  const families: readonly (4 | 6)[] = table.family === 'ip' ? [4] : table.family === 'ip6' ? [6] : [4, 6];
  return {
    id: idOf(layer, table, chain.name),
    name: chain.name,
    table: table.name,
    families,
    layer,
    rules,
    ...(hook !== undefined && {
      base: {
        hook: hook.hook as NetfilterHook,
        priority: hook.priority,
        type: hook.type,
        policy: chain.policy,
        sequence: chain.sequence,
      },
    }),
    origin: problems.span(headOf(chain)),
  };
}

/** A chain that hangs on devices sees no packets of others: those go on to the next chain. */
function otherDevices(chain: ChainNode, { problems }: RuleContext): Rule {
  const names = chain.hook?.devices.map((name) => ({ name, prefix: false })) ?? [];
  const field = chain.hook?.hook === 'egress' ? 'out' : 'in';
  return {
    match: { kind: 'not', of: { kind: 'interface', field, names } },
    actions: [{ kind: 'verdict', verdict: 'accept' }],
    origin: problems.span(chain.hook ?? chain),
  };
}
