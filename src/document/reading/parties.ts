/** A party that a cell names. */
export interface PartyName {
  /** `any` and `internet` are what baselines call so; anything else is a role. */
  readonly kind: 'any' | 'internet' | 'role';
  /** As the cell has it, white space as single spaces. */
  readonly name: string;
}

/** What a cell of parties is taken to mean. */
export interface PartyReading {
  readonly parties: readonly PartyName[];
  readonly review: readonly string[];
}

const ANY =
  /^(?:any|all|\*|anywhere|everywhere|anyone|any (?:host|source|destination|address|ip)|0\.0\.0\.0\/0|::\/0)$/i;
const INTERNET = /^(?:the )?(?:public )?internet$/i;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]*:[0-9a-f:]*:[0-9a-f:.]*)(?:\/\d{1,3})?$/i;

/** Reads a cell of parties. Several of them are told by lines, commas, semicolons, spaced slashes, "and" and "or". */
export function readPartyCell(cell: string): PartyReading {
  const names = splitNames(cell);
  const review: string[] = [];
  if (names.length > 1)
    review.push(
      `\`${cell.replaceAll('\n', ' / ')}\` is read as ${names.length} parties: ${names.join('; ')}.`,
    );
  const parties = names.map((name): PartyName => {
    if (ANY.test(name)) return { kind: 'any', name };
    if (INTERNET.test(name)) return { kind: 'internet', name };
    if (ADDRESS.test(name))
      review.push(
        `\`${name}\` is an address; it became a role, which the site binds. The document's addresses can stand under \`addresses\` of the role.`,
      );
    if (/^(?:any|all|internet)\b/i.test(name) || /[→←↔⇒⇐⇔]|<?->/u.test(name))
      review.push(`\`${name}\` is read as the name of a party.`);
    if (/\S[/|]\S|\S \| \S/.test(name) && !ADDRESS.test(name) && !name.includes('://'))
      review.push(`\`${name}\` can be one party or several; it is read as one.`);
    return { kind: 'role', name };
  });
  return { parties, review };
}

function splitNames(cell: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let name = '';
  for (const piece of cell.split(/([(),;\n]|\s\/\s|\s(?:and|or)\s)/i)) {
    if (piece === '(') depth++;
    if (piece === ')') depth = Math.max(0, depth - 1);
    if (depth === 0 && /^(?:[,;\n]|\s\/\s|\s(?:and|or)\s)$/i.test(piece)) {
      names.push(name);
      name = '';
    } else name += piece;
  }
  names.push(name);
  return [...new Set(names.map((one) => one.replace(/\s+/g, ' ').trim()).filter((one) => one !== ''))];
}

/** An arrow between two parties. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly both: boolean;
}

const ARROW = /^([^→←↔⇒⇐⇔⟶⟵⟷]{1,200}?)\s*(<-+>|<=+>|-+>|=+>|<-+|<=+|[→←↔⇒⇐⇔⟶⟵⟷])\s*([^→←↔⇒⇐⇔⟶⟵⟷<>]{1,200})$/u;

/** `Manager → Worker`, `Worker <- Manager`, `Pod ↔ Pod`; undefined where the text is none. */
export function readArrow(text: string): Arrow | undefined {
  const [, left = '', sign = '', right = ''] = ARROW.exec(text.trim()) ?? [];
  if (sign === '') return undefined;
  const both = /[↔⇔⟷]|^<.*>$/u.test(sign);
  const back = !both && /[←⇐⟵<]/u.test(sign);
  const [from, to] = back ? [right.trim(), left.trim()] : [left.trim(), right.trim()];
  return { from, to, both };
}
