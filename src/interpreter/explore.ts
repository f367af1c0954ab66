import { type AddressDomain, type Domain, lies } from './domain.ts';
import type { Pending } from './question.ts';
import { step, type Verdict } from './step.ts';
import { copyWalk, type Walk, walkKey, walkWeight } from './walk.ts';

/** Where exploring stops: steps taken, questions met, characters held in the memory of places. */
export interface Bounds {
  readonly steps: number;
  readonly places: number;
  readonly characters: number;
}

/** Where a packet must come that counts as accepted. */
export interface Arrival {
  /** What a translation sends to another hook does not. */
  readonly hook?: Walk['destination'] | undefined;
  /** What a translation sends to one of these destinations does not. */
  readonly otherThan?: AddressDomain | undefined;
}

/** What exploring found. */
export interface Explored {
  /** One for each verdict that was reached. */
  readonly endings: readonly Ending[];
  readonly dependsOn: readonly string[];
  /** What it took. */
  readonly steps: number;
  /** Why not everything was explored. */
  readonly gaveUp: string | undefined;
}

export interface Ending {
  readonly verdict: Verdict;
  /** The options taken at the questions on the way there. */
  readonly answers: readonly number[];
}

/** A question at a place, with what follows from each answer. */
interface Place {
  readonly text: string;
  readonly options: number;
  /** By option; undefined where it has not been followed. */
  readonly next: (Place | Verdict | undefined)[];
  /** Known when all answers have been followed. */
  verdicts: ReadonlySet<Verdict> | undefined;
}

interface Open {
  readonly place: Place;
  readonly pending: Pending;
  readonly walk: Walk;
  /** The option that is followed next; from the last to the first. */
  option: number;
}

/**
 * Follows every answer to every question, each place once. The walks wait on a stack of its own, not the engine's.
 *
 * @param there only what comes there is accepted; what a translation sends elsewhere is dropped
 */
export function explore(start: Walk, bounds: Bounds, there: Arrival = {}): Explored {
  const explorer = new Explorer(bounds, there);
  const first = explorer.follow(start);
  explorer.run();
  return { endings: endingsOf(first), ...explorer.summary() };
}

/** What a place takes, in steps: its key is written down, and the walk copied. */
const STEPS_OF_PLACE = 40;

class Explorer {
  private readonly places = new Map<string, Place>();
  private readonly waiting: Open[] = [];
  private readonly matters = new Set<string>();
  private steps = 0;
  private characters = 0;
  private gaveUp: string | undefined;

  constructor(
    private readonly bounds: Bounds,
    private readonly there: Arrival,
  ) {}

  /** Follows every answer at every place that waits, the last found first. */
  run(): void {
    for (let open = this.top(); open !== undefined; open = this.top()) {
      const { place, pending, walk, option } = open;
      if (option < 0 || this.gaveUp !== undefined) {
        this.waiting.pop();
        this.conclude(place);
        continue;
      }
      open.option--;
      // The first option (no) comes last and uses up the walk itself: long rows of rules that do not match then need
      // the memory of one walk.
      const copy = option === 0 ? walk : copyWalk(walk);
      pending.apply(copy, option);
      this.steps += walkWeight(copy) >> 6;
      place.next[option] = this.follow(copy);
    }
  }

  /** Goes on to the next question or the end; undefined where exploring was given up. */
  follow(walk: Walk): Place | Verdict | undefined {
    for (; this.steps < this.bounds.steps; this.steps++) {
      const progress = step(walk);
      if (progress === 'moved') continue;
      if (progress === 'loop') return this.giveUp('jumps go round in circles');
      if (!('verdict' in progress)) return this.placeOf(walk, progress);
      return progress.verdict === 'accept' && this.isElsewhere(walk) ? 'drop' : progress.verdict;
    }
    return this.giveUp(`more than ${this.bounds.steps} steps`);
  }

  private isElsewhere({ destination, translated, addresses }: Walk): boolean {
    const { hook, otherThan } = this.there;
    if (hook !== undefined && destination !== hook) return true;
    if (otherThan === undefined || !translated.dst.done) return false;
    return lies(addresses.dst as Domain, otherThan as Domain) === 'inside';
  }

  summary(): Omit<Explored, 'endings'> {
    return { dependsOn: [...this.matters].sort(), steps: this.steps, gaveUp: this.gaveUp };
  }

  private top(): Open | undefined {
    return this.waiting[this.waiting.length - 1];
  }

  private placeOf(walk: Walk, pending: Pending): Place | undefined {
    const key = `${pending.question.kind} ${walkKey(walk)}`;
    const before = this.places.get(key);
    if (before !== undefined) {
      // Not concluded means that it is on the stack: the way leads back to itself.
      return before.verdicts === undefined ? this.giveUp('jumps go round in circles') : before;
    }
    this.characters += key.length;
    this.steps += STEPS_OF_PLACE;
    if (this.places.size >= this.bounds.places || this.characters > this.bounds.characters)
      return this.giveUp(`more than ${this.places.size} combinations of answers`);
    const { text, options } = pending.question;
    const place: Place = {
      text,
      options: options.length,
      next: Array.from({ length: options.length }),
      verdicts: undefined,
    };
    this.places.set(key, place);
    this.waiting.push({ place, pending, walk, option: options.length - 1 });
    return place;
  }

  /** A question matters where its answers do not all lead to the same verdicts. */
  private conclude(place: Place): void {
    const sets = place.next.map(verdictsOf);
    place.verdicts = new Set(sets.flatMap((set) => [...set]));
    const all = place.verdicts.size;
    if (sets.some((set) => set.size !== all) || this.gaveUp !== undefined) this.matters.add(place.text);
  }

  private giveUp(why: string): undefined {
    this.gaveUp ??= why;
    return undefined;
  }
}

function verdictsOf(next: Place | Verdict | undefined): ReadonlySet<Verdict> {
  return typeof next === 'string' ? new Set([next]) : (next?.verdicts ?? new Set());
}

/** For each verdict the way there that takes the first answer wherever that leads there. */
function endingsOf(first: Place | Verdict | undefined): Ending[] {
  if (first === undefined) return [];
  return [...verdictsOf(first)].map((verdict) => {
    const answers: number[] = [];
    let at: Place | Verdict | undefined = first;
    while (typeof at === 'object') {
      const option: number = at.next.findIndex((next) => verdictsOf(next).has(verdict));
      answers.push(option);
      at = at.next[option];
    }
    return { verdict, answers };
  });
}
