import type { Selector, Statement } from '../ast/ast.ts';

/** Where a statement can stand: hooks of ip, ip6 and inet tables, of chains of the type nat or of any; and of other tables. */
export interface Places {
  readonly what: string;
  readonly hooks: readonly string[];
  readonly nat?: true;
  readonly netdev?: readonly string[];
  readonly bridge?: readonly string[];
}

const COMING = ['prerouting', 'input', 'forward'];
const LEAVING = ['forward', 'output', 'postrouting'];
const ALL = ['prerouting', 'input', 'forward', 'output', 'postrouting'];

/** net/netfilter/nft_nat.c, nft_nat_validate; nft_masq.c; nft_redir.c. */
const NAT: Readonly<Record<string, readonly string[]>> = {
  dnat: ['prerouting', 'output'],
  redirect: ['prerouting', 'output'],
  snat: ['input', 'postrouting'],
  masquerade: ['postrouting'],
};

/** net/netfilter/nft_reject_inet.c, nft_reject_netdev.c; net/bridge/netfilter/nft_reject_bridge.c. */
const REJECT: Places = {
  what: '`reject`',
  hooks: ['ingress', 'prerouting', 'input', 'forward', 'output'],
  netdev: ['ingress'],
  bridge: ['prerouting', 'input'],
};
/** net/netfilter/nft_meta.c, nft_meta_set_validate. */
const PKTTYPE: Places = {
  what: '`meta pkttype set`',
  hooks: ['prerouting'],
  netdev: ['ingress'],
  bridge: ['prerouting'],
};

/** Where the kernel takes a statement, if not everywhere. */
export function placesOf(statement: Statement): readonly Places[] {
  switch (statement.kind) {
    case 'nat':
      return [
        { what: `\`${statement.what}\``, hooks: NAT[statement.what] ?? [], nat: true },
        ...ofSelectors([statement.address, statement.portFrom]),
      ];
    case 'reject':
      return [REJECT];
    case 'match':
      return ofSelectors([statement.left]);
    case 'vmap':
      return ofSelectors([statement.key]);
    case 'assign': {
      const { to, from } = statement;
      return [...(to.kind === 'meta' && to.key === 'pkttype' ? [PKTTYPE] : []), ...ofSelectors([from])];
    }
    case 'uncertain':
      return [
        ...ofText(statement),
        ...ofSelectors([statement.key, statement.data, ...(statement.reads ?? [])]),
      ];
    case 'note':
      return [...ofText(statement), ...ofSelectors([statement.key, ...(statement.reads ?? [])])];
    case 'unknown':
      return ofText(statement);
    default:
      return [];
  }
}

function ofText({
  sent,
  text,
}: Extract<Statement, { kind: 'uncertain' | 'note' | 'unknown' }>): readonly Places[] {
  // net/netfilter/nft_tproxy.c, nft_synproxy.c, nft_flow_offload.c: the functions that end in `_validate`.
  if (sent?.what === 'tproxy') return [{ what: '`tproxy`', hooks: ['prerouting'] }];
  if (/^synproxy\b/.test(text)) return [{ what: '`synproxy`', hooks: ['input', 'forward'] }];
  if (/^flow (?:add|offload)\b/.test(text)) return [{ what: '`flow add`', hooks: ['forward'] }];
  return [];
}

function ofSelectors(selectors: readonly (Selector | undefined)[]): readonly Places[] {
  return selectors.flatMap((one) => (one === undefined ? [] : ofSelector(one)));
}

function ofSelector(selector: Selector): readonly Places[] {
  switch (selector.kind) {
    case 'concat':
      return ofSelectors(selector.of);
    case 'binary':
      return ofSelector(selector.left);
    case 'map':
      return ofSelector(selector.key);
    case 'fib':
      return ofRoutes(selector);
    case 'meta':
      return ofMeta(selector.key);
    case 'other':
      return [...ofWords(selector.words ?? ''), ...ofSelectors(selector.of ?? [])];
    default:
      return [];
  }
}

/** Routes are looked up for a device that is known there (net/netfilter/nft_fib.c, nft_fib_validate). */
function ofRoutes({ flags, result }: Extract<Selector, { kind: 'fib' }>): readonly Places[] {
  const what = `\`fib ${flags.join(' . ')} ${result}\``;
  if (result !== 'type' || flags.includes('iif')) return [{ what, hooks: COMING, netdev: ['ingress'] }];
  if (flags.includes('oif')) return [{ what, hooks: LEAVING, netdev: ['egress'] }];
  return [{ what, hooks: ALL, netdev: ['ingress', 'egress'] }];
}

/** net/netfilter/nft_meta.c, nft_meta_get_validate. */
function ofMeta(key: string): readonly Places[] {
  const what = `\`meta ${key}\``;
  if (key === 'ipsec' || key === 'secpath') return [{ what, hooks: COMING, netdev: ['ingress'] }];
  return key === 'sdif' || key === 'sdifname' ? [{ what, hooks: ['input', 'forward'] }] : [];
}

/** net/netfilter/nft_socket.c, nft_osf.c, nft_xfrm.c, nft_rt.c: the functions that end in `_validate`. */
function ofWords(words: string): readonly Places[] {
  const [first, second = ''] = words.split(' ');
  const what = `\`${first} ${second}\``;
  switch (first) {
    case 'socket':
      return [{ what, hooks: ['prerouting', 'input', 'output'] }];
    case 'osf':
      return [{ what: '`osf`', hooks: COMING }];
    case 'ipsec':
      return [{ what, hooks: second === 'in' ? COMING : LEAVING }];
    case 'rt':
      return [{ what, hooks: second === 'mtu' ? LEAVING : ['ingress', ...ALL] }];
    default:
      return [];
  }
}
