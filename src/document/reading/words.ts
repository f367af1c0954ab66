/** What a cell about the direction says; undefined where it says something else. */
export type DirectionWord = 'in' | 'out' | 'both';

const DIRECTIONS: readonly (readonly [DirectionWord, RegExp])[] = [
  [
    'both',
    /^(?:both|bi-?directional|two[- ]way|both (?:ways|directions)|(?:in|inbound|ingress|incoming) ?(?:\/|&|and|,|or) ?(?:out|outbound|egress|outgoing)|↔|<->|⇔|⟷)$/i,
  ],
  ['in', /^(?:in|inbound|ingress|incoming|input|→ ?in|←|<-)$/i],
  ['out', /^(?:out|outbound|egress|outgoing|output|→|->)$/i],
];

/** Reads a direction that is given in one word. */
export function readDirection(text: string): DirectionWord | undefined {
  return DIRECTIONS.find(([, pattern]) => pattern.test(text.trim()))?.[0];
}

/** Whether a title says of what is below it that it goes out; one that speaks of both ways says nothing. */
export function goesOut(title: string): boolean {
  return (
    /\b(?:outbound|egress|outgoing)\b/i.test(title) && !/\b(?:in|inbound|ingress|incoming)\b/i.test(title)
  );
}

export type LevelWord = 'required' | 'optional' | 'prohibited';

const PERMISSIONS: readonly (readonly [LevelWord, RegExp])[] = [
  ['required', /^(?:allow(?:ed)?|permit(?:ted)?|accept(?:ed)?|pass|open|yes|y|✓|✔|✅|true)$/iu],
  [
    'prohibited',
    /^(?:den(?:y|ied)|block(?:ed)?|drop(?:ped)?|reject(?:ed)?|forbid(?:den)?|prohibited|disallow(?:ed)?|not allowed|closed?)$/i,
  ],
];
const NEEDS: readonly (readonly [LevelWord, RegExp])[] = [
  ['required', /^(?:required|yes|y|mandatory|must|always|true|x|✓|✔|✅|needed|obligatory)$/iu],
  [
    'optional',
    /^(?:optional|no|n|recommended|not required|not mandatory|false|conditional|✗|✘|❌|if (?:used|needed|applicable|required|enabled))$/iu,
  ],
];

/** Reads a cell under "Permission" or "Action"; undefined where it is no word for either. */
export function readPermission(text: string): LevelWord | undefined {
  return PERMISSIONS.find(([, pattern]) => pattern.test(text.trim()))?.[0];
}

/** Reads a cell under "Required", or under "Optional" where yes and no are turned round. */
export function readNeed(text: string, heading: string): LevelWord | undefined {
  const word = NEEDS.find(([, pattern]) => pattern.test(text.trim()))?.[0];
  const turned = /optional/i.test(heading) && !/required|mandatory/i.test(heading);
  if (!turned || /^(?:required|mandatory|must|optional)$/i.test(text.trim())) return word;
  return word === 'required' ? 'optional' : word === 'optional' ? 'required' : word;
}
